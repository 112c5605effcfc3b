"""What a cycle concludes from the states that Airflow reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pytest

from backhaul.services import cycle as module
from backhaul.services.airflow_api import AirflowApi, Run, Task
from backhaul.services.cycle import Cycle, CycleFailed


@dataclass
class FakeApi:
    """An Airflow whose runs are what the test says."""

    known: dict[str, list[Run]] = field(default_factory=dict)
    work: dict[str, list[Task]] = field(default_factory=dict)
    failed: list[Run] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    def runs(self, dag_id: str) -> list[Run]:
        return self.known.get(dag_id, [])

    def run(self, run: Run) -> Run:
        return next(known for known in self.known[run.dag_id] if known.run_id == run.run_id)

    def trigger(self, dag_id: str) -> Run:
        return self.put(dag_id, "queued", "manual")

    def tasks(self, run: Run) -> list[Task]:
        return self.work.get(run.dag_id, [])

    def fail(self, run: Run) -> None:
        self.failed.append(run)

    def forget_asset_events(self, dag_id: str) -> None:
        self.forgotten.append(dag_id)

    def log(self, run: Run, task: Task, lines: int) -> list[str]:
        return [f"{task.label}: the disk is full"]

    def put(self, dag_id: str, state: str, run_type: str = "asset_triggered", run_id: str = "now") -> Run:
        run = Run(dag_id, run_id, state, run_type)
        others = [known for known in self.known.get(dag_id, []) if known.run_id != run_id]
        self.known[dag_id] = [run, *others]
        return run


def task(task_id: str, state: str, map_index: int = -1, label: str = "") -> Task:
    return Task(task_id, map_index, label or task_id, state, 2, None)


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def cycle(api: FakeApi) -> Cycle:
    started = Cycle(cast("AirflowApi", api))
    started.start()
    return started


def ingested(api: FakeApi, **states: str) -> None:
    for dag_id in module.INGEST_DAGS:
        api.put(dag_id, states.get(dag_id, "success"), "manual")


def test_it_ends_when_the_build_started_by_the_assets_has_published(api: FakeApi, cycle: Cycle) -> None:
    assert not cycle.advance()
    ingested(api)
    assert not cycle.advance()
    api.put("build_warehouse", "running")
    assert not cycle.advance()
    api.put("build_warehouse", "success")
    assert cycle.advance()
    assert cycle.warnings == []


def test_builds_of_the_schedule_or_of_earlier_cycles_are_not_taken_for_ours(api: FakeApi) -> None:
    api.put("build_warehouse", "success", run_id="yesterday")
    cycle = Cycle(cast("AirflowApi", api))
    cycle.start()
    ingested(api)
    api.put("build_warehouse", "success", "scheduled", run_id="by the clock")
    assert not cycle.advance()


def test_what_a_killed_supervisor_left_is_ended_first(api: FakeApi) -> None:
    left = api.put("build_warehouse", "running", run_id="left")
    Cycle(cast("AirflowApi", api)).start()
    assert api.failed == [left]
    assert api.forgotten == ["build_warehouse"]


def test_a_failing_source_is_a_warning_while_its_domain_is_announced(api: FakeApi, cycle: Cycle) -> None:
    api.work["ingest_returns"] = [
        task("ingest_source", "success", 0, "shop"),
        task("ingest_source", "failed", 1, "fba_ca"),
        task("announce", "success"),
        task("every_source_ingested", "upstream_failed"),
    ]
    ingested(api, ingest_returns="failed")
    api.put("build_warehouse", "success")
    assert cycle.advance()
    (warning,) = cycle.warnings
    assert "ingest_source [fba_ca] failed (attempt 2)" in warning
    assert "fba_ca: the disk is full" in warning
    assert "shop" not in warning


def test_a_domain_that_is_never_announced_is_an_error(api: FakeApi, cycle: Cycle) -> None:
    api.work["ingest_carriers"] = [task("list_sources", "failed"), task("announce", "upstream_failed")]
    ingested(api, ingest_carriers="failed")
    with pytest.raises(CycleFailed, match="ingest_carriers: the task list_sources failed"):
        cycle.advance()


def test_a_failing_build_is_an_error_with_the_task_and_its_log(api: FakeApi, cycle: Cycle) -> None:
    ingested(api)
    api.put("build_warehouse", "failed")
    api.work["build_warehouse"] = [task("build", "failed"), task("publish", "upstream_failed")]
    with pytest.raises(CycleFailed, match=r"the task build failed(?s:.*)the disk is full"):
        cycle.advance()


def test_a_build_that_never_starts_is_an_error(api: FakeApi, cycle: Cycle, monkeypatch: pytest.MonkeyPatch) -> None:
    ingested(api)
    assert not cycle.advance()
    monkeypatch.setattr(module, "_BUILD_MUST_START_WITHIN", -1.0)
    with pytest.raises(CycleFailed, match="has not started build_warehouse"):
        cycle.advance()
