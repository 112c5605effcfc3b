"""The build: one dbt process over the batches that the receipts show, with every model's outcome kept as a row."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from backhaul import telemetry
from backhaul.errors import Explained
from backhaul.ledger import BuildRecord, lake_version, salt, write_build, writer_lock
from backhaul.settings import PROJECT, Settings

log = logging.getLogger(__name__)

DBT_PROJECT = PROJECT / "dbt_project"
FAILED = {"error", "fail", "runtime error"}
SHOWN_ROWS = 5


class BuildFailed(Explained):
    """A model or test failed; the message names each with its first failing rows. Nothing is published."""


@dataclass(frozen=True)
class BuildResult:
    """One finished build; ``is_incremental``: it recomputed only what new batches touched."""

    build_id: str
    models: int
    tests: int
    is_incremental: bool
    warnings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        warned = f", {len(self.warnings)} warnings" if self.warnings else ""
        scope = "what new batches touched" if self.is_incremental else "everything"
        return f"build {self.build_id}: {self.models} models, {self.tests} tests passed on {scope}{warned}"


def runs_path(settings: Settings, build_id: str) -> Path:
    """Where the outcome of each node of a build is written, one JSON object a line, as it happens."""
    return settings.root / "builds" / f"{build_id}.jsonl"


def dbt_environment(settings: Settings) -> dict[str, str]:
    """What the dbt project reads from the environment."""
    return {
        "BACKHAUL_LAKE": str(settings.lake),
        "BACKHAUL_BUILD_DB": str(settings.build_db),
        "BACKHAUL_THREADS": str(settings.threads),
        "BACKHAUL_MEMORY_LIMIT": settings.memory_limit,
        "BACKHAUL_REPORTING_CURRENCY": settings.reporting_currency,
        "BACKHAUL_CUSTOMER_SALT": salt(settings),
        "BACKHAUL_FINGERPRINT": fingerprint(settings),
    }


def fingerprint(settings: Settings) -> str:
    """What a build's answers hang on beside the batches: the dbt project's files and the settings that models read.

    Tables of another fingerprint are not carried on with; everything is recomputed.
    """
    told = hashlib.sha256()
    for path in sorted(DBT_PROJECT.rglob("*")):
        if path.suffix in {".sql", ".csv", ".yml"}:
            told.update(f"{path.relative_to(DBT_PROJECT)}\0".encode() + path.read_bytes())
    told.update(f"{settings.reporting_currency}\0{salt(settings)}".encode())
    # another engine may round, rank or render otherwise
    for package in ("duckdb", "dbt-core", "dbt-duckdb"):
        told.update(f"{package}\0{version(package)}\0".encode())
    return told.hexdigest()


def dbt_arguments(settings: Settings, *command: str) -> list[str]:
    """A dbt command line on this project that writes below the home only."""
    return [
        *command,
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(settings.dbt_target), "--log-path", str(settings.logs / "dbt")),
        # the log of every statement took a fifteenth of a build that has nothing to do
        *("--quiet", "--log-level-file", "info"),
    ]


def build(settings: Settings, whole: bool = False) -> BuildResult:
    """Run every model and test once, under the writer's lock: on what new batches touched, or on everything.

    Args:
        settings: the installation.
        whole: recompute every table, whatever stands (a full refresh).

    Raises:
        BuildFailed: a model or test failed; the last publish stays.
        Busy: another build is running.
    """
    with writer_lock(settings):
        started = datetime.now(UTC)
        version = lake_version(settings)
        build_id = f"{started:%Y%m%dT%H%M%S%f}Z-{version}"
        settings.build_db.parent.mkdir(parents=True, exist_ok=True)
        # what dbt keeps of its runs holds the salt that customers' numbers are hidden with
        settings.dbt_target.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.dbt_target.chmod(0o700)
        os.environ.update(dbt_environment(settings))
        telemetry.switch_off()

        def record(state: str, message: str = "") -> None:
            finished = None if state == "running" else datetime.now(UTC).isoformat()
            write_build(
                settings,
                BuildRecord(
                    build_id, state, started.isoformat(), finished, version, settings.reporting_currency, message
                ),
            )

        # a build killed from here on stays `running`, and publishing refuses what it left
        record("running")
        give_way(settings.build_niceness)
        try:
            result = _run_dbt(settings, build_id, whole)
        except BaseException as error:
            record("failed", str(error))
            raise
        record("success")
        return result


def give_way(niceness: int) -> None:
    """Let other processes have the processor first, for as long as this one lives: people wait for the pages."""
    if os.getpriority(os.PRIO_PROCESS, 0) < niceness:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)


def _run_dbt(settings: Settings, build_id: str, whole: bool) -> BuildResult:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    path = runs_path(settings, build_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:

        def on_event(event: Any) -> None:
            if event.info.name == "NodeFinished":
                node = event.data.node_info
                row = {
                    "build_id": build_id,
                    "node_id": node.unique_id,
                    "node_type": node.resource_type,
                    "node_name": node.node_name,
                    "status": node.node_status,
                    "started_at": node.node_started_at,
                    "finished_at": node.node_finished_at,
                }
                stream.write(json.dumps(row) + "\n")
                stream.flush()
                if node.resource_type != "test" or node.node_status not in {"pass", "success"}:
                    log.info("%-8s %s", node.node_status, node.unique_id)

        # unit tests are about the models, not about the data: they run with the project's own tests
        command = dbt_arguments(settings, "build", "--exclude-resource-type", "unit_test")
        command += ["--full-refresh"] if whole else []
        invoked = dbtRunner(callbacks=[on_event]).invoke(command)
        # dbt keeps its connection for the process; let go of the file so that it can be attached read-only
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if invoked.exception is not None:
        raise BuildFailed(f"dbt could not run: {invoked.exception}") from invoked.exception
    run: Any = invoked.result
    results: list[Any] = list(run.results) if run else []
    failures = [result for result in results if str(result.status) in FAILED]
    if failures or not invoked.success:
        raise BuildFailed("\n".join(_explain(settings, result) for result in failures) or "dbt failed without a result")
    is_incremental = close_journal(settings)
    return BuildResult(
        build_id=build_id,
        models=sum(result.node.resource_type in {"model", "seed"} for result in results),
        tests=sum(result.node.resource_type == "test" for result in results),
        is_incremental=is_incremental,
        warnings=[f"{result.node.name}: {result.message}" for result in results if str(result.status) == "warn"],
    )


def close_journal(settings: Settings) -> bool:
    """Mark the batches of a build that has succeeded as applied: the next one carries on from here.

    Returns:
        Whether this build carried on from the one before it.
    """
    import duckdb

    with duckdb.connect(str(settings.build_db)) as connection:
        is_incremental, reason = connection.execute("select is_incremental, reason from touched.run").fetchall()[0]
        if reason:
            log.info("every table was recomputed: %s", reason)
        whole = connection.execute("select name from touched.model where is_whole order by name").fetchall()
        if whole:
            log.info("replaced whole, for want of what changed upstream: %s", ", ".join(name for (name,) in whole))
        connection.execute("begin")
        connection.execute(
            "create or replace table lake.applied as "
            "select batch_id, fingerprint from lake.receipt cross join touched.run"
        )
        connection.execute("drop schema touched cascade")
        connection.execute("commit")
    return bool(is_incremental)


def _explain(settings: Settings, result: Any) -> str:
    """What failed, and for a test the first rows that broke it."""
    text = f"{result.node.resource_type} {result.node.name}: {result.message}"
    if result.node.resource_type != "test" or not result.node.compiled_code:
        return text
    import duckdb

    with duckdb.connect(str(settings.build_db), read_only=True) as connection:
        query = f"select * from ({result.node.compiled_code}) limit {SHOWN_ROWS}"
        try:
            cursor = connection.execute(query)
        except duckdb.Error:
            return text
        names = [column[0] for column in cursor.description or []]
        rows = [
            ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True)) for row in cursor.fetchall()
        ]
    return "\n".join([text, *(f"  {row}" for row in rows)])
