"""A build of some models and what they need: for tests that ask the build database, not a publish."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

from backhaul.build import dbt_arguments, dbt_environment
from backhaul.settings import Settings


def build_models(settings: Settings, *models: str) -> None:
    """Build the models and all upstream of them, with the tests that need nothing else. AssertionError if one fails."""
    settings.build_db.parent.mkdir(parents=True, exist_ok=True)
    command = [str(Path(sys.executable).with_name("dbt")), *dbt_arguments(settings, "build")]
    select = [f"+{name}" for name in models]
    done = subprocess.run(
        [*command, "--select", *select, "--indirect-selection", "cautious"],
        env={**os.environ, **dbt_environment(settings)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def compiled(settings: Settings, name: str) -> str:
    """The SQL that the last build ran for a model or a test of ours."""
    (path,) = (settings.dbt_target / "compiled").rglob(f"{name}.sql")
    return path.read_text(encoding="utf-8")


def copied(settings: Settings, folder: Path) -> duckdb.DuckDBPyConnection:
    """A copy of the build database under its own name, which its compiled SQL speaks of, to plant in."""
    copy = folder / settings.build_db.name
    shutil.copy(settings.build_db, copy)
    return duckdb.connect(str(copy))
