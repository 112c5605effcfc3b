"""Each tool's own resolved setting says that it reports nothing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backhaul import telemetry

PROJECT = Path(__file__).resolve().parents[3]

# Each prints whether the tool would report; each prints True in an environment without the switches.
WOULD_REPORT = {
    "dbt": (
        "import click\n"
        "from dbt.cli.main import cli\n"
        "from dbt.cli.flags import Flags\n"
        "context = cli.make_context('dbt', ['parse'], resilient_parsing=False)\n"
        "with context: print(bool(Flags(context).SEND_ANONYMOUS_USAGE_STATS))"
    ),
    # The command line is what reads Streamlit's environment variables, as `streamlit run` does.
    "streamlit": (
        "from streamlit import config\n"
        "from streamlit.web.cli import main\n"
        "main(['config', 'show'], standalone_mode=False)\n"
        "print(bool(config.get_option('browser.gatherUsageStats')))"
    ),
    "cosmos": "from cosmos.telemetry import should_emit; print(bool(should_emit()))",
}


def would_report(tool: str, env: dict[str, str], folder: Path) -> str:
    # Outside the project, so that no configuration file of ours helps.
    done = subprocess.run(
        [sys.executable, "-c", WOULD_REPORT[tool]],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


@pytest.fixture
def plain(tmp_path: Path) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name not in telemetry.switches()}
    return env | {"HOME": str(tmp_path), "AIRFLOW_HOME": str(tmp_path / "airflow")}


@pytest.mark.parametrize("tool", WOULD_REPORT)
def test_the_switches_are_effective(tool: str, plain: dict[str, str], tmp_path: Path) -> None:
    assert would_report(tool, plain, tmp_path) == "True", "the probe does not see the tool's default"
    telemetry.switch_off(plain)
    assert would_report(tool, plain, tmp_path) == "False"


def test_great_expectations_has_no_reporter() -> None:
    """Its switch is set all the same; should a new version report again, this fails: then probe the switch."""
    assert importlib.util.find_spec("great_expectations.analytics") is None
    assert not [line for line in importlib.metadata.requires("great_expectations") or [] if line.startswith("posthog")]


def test_switching_off_wins_over_what_stood_there() -> None:
    env = {"GX_ANALYTICS_ENABLED": "true"}
    telemetry.switch_off(env)
    assert env["GX_ANALYTICS_ENABLED"] == "false"


def test_make_exports_the_same_switches() -> None:
    probe = "probe: ; @env\n"
    done = subprocess.run(
        ["make", "--no-print-directory", "-f", "Makefile", "-f", "-", "probe"],
        cwd=PROJECT,
        input=probe,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    seen = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert {name: seen.get(name) for name in telemetry.switches()} == telemetry.switches(), json.dumps(seen)
