"""dbt's own documentation as one page, made without the warehouse and free of everything that is of one installation.

What a build leaves in its target folder is no base for it: compiled SQL holds the salt of customers' keys, and paths.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from backhaul import telemetry
from backhaul.build import DBT_PROJECT
from backhaul.errors import Explained
from backhaul.settings import PROJECT

# The page brings a tracker that usage reporting would load; it is off, and here it has no address either.
_TRACKER = re.compile(r"(https?:)?//[a-z0-9]+\.cloudfront\.net/[^\"'\\]*")


class DocsFailed(Explained):
    """dbt could not read the project; the message is its own."""


def generate(target: Path) -> Path:
    """Parse the project into ``target``; gives the manifest. The page lies beside it (``page`` cleans it).

    Raises:
        DocsFailed: dbt said no.
    """
    environment = {
        **os.environ,
        "BACKHAUL_LAKE": "lake",
        "BACKHAUL_BUILD_DB": ":memory:",
        "BACKHAUL_CUSTOMER_SALT": "",
        "PYTHONPATH": str(PROJECT),
    }
    telemetry.switch_off(environment)
    # nothing is compiled: that takes most of the time, and says no more than the models themselves
    for command in (["parse"], ["docs", "generate", "--static", "--no-compile", "--empty-catalog"]):
        whole = [
            *(sys.executable, "-m", "dbt.cli.main", *command),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(target), "--log-path", str(target / "logs"), "--quiet"),
        ]
        done = subprocess.run(whole, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise DocsFailed(f"dbt could not describe the project:\n{done.stdout}{done.stderr}")
    return target / "manifest.json"


def page(target: Path) -> str:
    """The page that ``generate`` left, without addresses of other hosts and without paths of this machine."""
    text = (target / "static_index.html").read_text(encoding="utf-8")
    for path in (str(target), str(PROJECT), str(Path.home())):
        text = text.replace(path, "")
    return _TRACKER.sub("", text)
