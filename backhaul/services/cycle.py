"""One cycle of work through Airflow's scheduler: ingest every domain; their assets start the build, which publishes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from backhaul.errors import Explained
from backhaul.services.airflow_api import AirflowApi, Run, Task

INGEST_DAGS = ("ingest_returns", "ingest_carriers", "ingest_inventory")
BUILD_DAG = "build_warehouse"
_ANNOUNCE = "announce"
_FAILED = ("failed", "upstream_failed")
# The scheduler turns asset events into a run within seconds.
_BUILD_MUST_START_WITHIN = 120.0


class CycleFailed(Explained):
    """The cycle cannot end in a publish; the message says which task failed and what it said."""


@dataclass
class Cycle:
    """What a cycle has come to: its runs with their tasks, and the failures that did not prevent a publish."""

    api: AirflowApi
    ingests: list[Run] = field(default_factory=list)
    build: Run | None = None
    tasks: dict[Run, list[Task]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    _known_builds: frozenset[str] = frozenset()
    _ingested_at: float | None = None

    def start(self) -> None:
        """Trigger every ingest DAG. Runs that a killed supervisor left behind are ended first."""
        for dag_id in (*INGEST_DAGS, BUILD_DAG):
            for run in self.api.runs(dag_id):
                if not run.finished:
                    self.api.fail(run)
        self.api.forget_asset_events(BUILD_DAG)
        self._known_builds = frozenset(run.run_id for run in self.api.runs(BUILD_DAG))
        self.ingests = [self.api.trigger(dag_id) for dag_id in INGEST_DAGS]

    def advance(self) -> bool:
        """Look once; True when the build of this cycle has published. Raises CycleFailed with the cause."""
        self.ingests = [run if run.finished else self.api.run(run) for run in self.ingests]
        if self.build is None:
            started = [run for run in self.api.runs(BUILD_DAG) if self._is_ours(run)]
            self.build = started[-1] if started else None
        elif not self.build.finished:
            self.build = self.api.run(self.build)
        runs = [*self.ingests, *([self.build] if self.build else [])]
        # A run equals its last sight until its state changes: a finished one is asked about once.
        self.tasks = {
            run: self.tasks[run] if run.finished and run in self.tasks else self.api.tasks(run) for run in runs
        }
        self._look_at_ingests()
        if self.build is not None and self.build.state == "failed":
            raise CycleFailed(self._cause(self.build))
        return self.build is not None and self.build.state == "success"

    def last_word(self, run: Run, task: Task) -> str:
        """The newest line a task has logged."""
        lines = self.api.log(run, task, 1)
        return lines[-1].splitlines()[0] if lines else ""

    def _is_ours(self, run: Run) -> bool:
        return run.run_id not in self._known_builds and run.run_type == "asset_triggered"

    def _look_at_ingests(self) -> None:
        if self._ingested_at is not None or not all(run.finished for run in self.ingests):
            if self.build is None and self._ingested_at is not None:
                self._build_is_due()
            return
        self._ingested_at = time.monotonic()
        for run in self.ingests:
            if run.state != "failed":
                continue
            if not any(task.task_id == _ANNOUNCE and task.state == "success" for task in self.tasks[run]):
                raise CycleFailed(self._cause(run))
            self.warnings.append(self._cause(run))

    def _build_is_due(self) -> None:
        if self._ingested_at is not None and time.monotonic() - self._ingested_at > _BUILD_MUST_START_WITHIN:
            raise CycleFailed(
                f"every source is ingested, but the scheduler has not started {BUILD_DAG}; "
                "look at the scheduler's log and at the DAG in the Airflow UI"
            )

    def _cause(self, run: Run) -> str:
        failed = [task for task in self.tasks[run] if task.state == "failed"]
        culprits = failed or [task for task in self.tasks[run] if task.state in _FAILED]
        parts = []
        for task in culprits:
            name = task.task_id if task.map_index < 0 else f"{task.task_id} [{task.label}]"
            said = "\n".join(f"    {line}" for line in "\n".join(self.api.log(run, task, 12)).splitlines())
            parts.append(
                f"{run.dag_id}: the task {name} failed (attempt {task.try_number}). Its log ends with:\n{said}"
            )
        return "\n".join(parts) or f"{run.dag_id}: the run failed before any of its tasks started"


def follow(cycle: Cycle, check: Callable[[], None], show: Callable[[Cycle], None], pause: float = 2.0) -> None:
    """Wait for the cycle's publish; ``check`` runs at each look and may raise, ``show`` draws the progress."""
    while not cycle.advance():
        check()
        show(cycle)
        time.sleep(pause)
    show(cycle)
