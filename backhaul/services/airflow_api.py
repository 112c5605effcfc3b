"""The few calls of Airflow's REST API that a supervisor needs, on loopback."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from tenacity import retry, retry_if_exception, stop_after_delay, wait_exponential

UNFINISHED = ("queued", "running")
_CALL_FOR = 60.0


def _passing(error: BaseException) -> bool:
    """Whether a call may succeed when it is made again: SQLite answers "locked" when two components write at once."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.is_server_error
    return isinstance(error, httpx.TransportError)


@dataclass(frozen=True)
class Run:
    """One DAG run: its names, its state (``queued``, ``running``, ``success``, ``failed``) and how it came to be."""

    dag_id: str
    run_id: str
    state: str
    run_type: str

    @property
    def finished(self) -> bool:
        return self.state not in UNFINISHED


@dataclass(frozen=True)
class Task:
    """One task instance of a run; ``map_index`` is -1 when it is not mapped, ``label`` what people call it."""

    task_id: str
    map_index: int
    label: str
    state: str
    try_number: int
    seconds: float | None


class AirflowApi:
    """A client of the API server at ``port``.

    A call that fails is made again for a minute; then ``httpx.HTTPError`` is raised.
    """

    def __init__(self, port: int, logs: Path) -> None:
        # A proxy from the environment must not see loopback traffic.
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30.0, trust_env=False)
        self._logs = logs

    def answers(self) -> bool:
        """Whether the server is up, whatever the state of the other components."""
        try:
            return self._http.get("/api/v2/version", timeout=2.0).is_success
        except httpx.TransportError:
            return False

    def unhealthy(self) -> list[str]:
        """The components that do not report a heartbeat."""
        health = self._get("/api/v2/monitor/health")
        return [name for name in ("metadatabase", "scheduler", "dag_processor") if health[name]["status"] != "healthy"]

    def dag_ids(self) -> set[str]:
        """The DAGs that have been parsed."""
        return {dag["dag_id"] for dag in self._get("/api/v2/dags", limit=100)["dags"]}

    def import_errors(self) -> list[str]:
        """The last line of each DAG file's import error."""
        errors = self._get("/api/v2/importErrors")["import_errors"]
        return [f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}" for error in errors]

    def ensure_pool(self, name: str, slots: int, description: str) -> None:
        """Create a pool unless it exists."""
        body = {"name": name, "slots": slots, "description": description}
        self._call("POST", "/api/v2/pools", allow=httpx.codes.CONFLICT, json=body)

    def trigger(self, dag_id: str) -> Run:
        """Start a run now."""
        return _run(self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None}))

    def run(self, run: Run) -> Run:
        """The same run as it stands now."""
        return _run(self._get(f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}"))

    def runs(self, dag_id: str) -> list[Run]:
        """The newest runs of a DAG, newest first."""
        return [_run(raw) for raw in self._get(f"/api/v2/dags/{dag_id}/dagRuns", order_by="-id", limit=20)["dag_runs"]]

    def tasks(self, run: Run) -> list[Task]:
        """The task instances of a run."""
        raw = self._get(f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances", limit=100)
        return [_task(item) for item in raw["task_instances"]]

    def fail(self, run: Run) -> None:
        """Mark a run, and the tasks in it that have not finished, as failed."""
        self._call("PATCH", f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}", json={"state": "failed"})

    def forget_asset_events(self, dag_id: str) -> None:
        """Drop asset events that wait for their companions before they trigger the DAG."""
        self._call("DELETE", f"/api/v2/dags/{dag_id}/assets/queuedEvents", allow=httpx.codes.NOT_FOUND)

    def log(self, run: Run, task: Task, lines: int) -> list[str]:
        """The last messages of a task's newest attempt, oldest first, read from the log file itself."""
        folder = self._logs / f"dag_id={run.dag_id}" / f"run_id={run.run_id}" / f"task_id={task.task_id}"
        if task.map_index >= 0:
            folder /= f"map_index={task.map_index}"
        path = folder / f"attempt={task.try_number}.log"
        if not path.exists():
            return []
        messages = (_message(line) for line in path.read_text(encoding="utf-8", errors="backslashreplace").splitlines())
        return [message for message in messages if message][-lines:]

    def _get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._call("GET", path, params=query)

    @retry(
        retry=retry_if_exception(_passing),
        wait=wait_exponential(0.2, max=5),
        stop=stop_after_delay(_CALL_FOR),
        reraise=True,
    )
    def _call(self, method: str, path: str, allow: int | None = None, **options: Any) -> dict[str, Any]:
        """The JSON of an answer; ``allow`` is an error status that means there was nothing to do."""
        response = self._http.request(method, path, **options)
        if response.status_code != allow:
            response.raise_for_status()
        answer: dict[str, Any] = response.json() if response.content else {}
        return answer


def _run(raw: dict[str, Any]) -> Run:
    return Run(raw["dag_id"], raw["dag_run_id"], raw["state"], raw["run_type"])


def _task(raw: dict[str, Any]) -> Task:
    label = raw.get("rendered_map_index") or raw["task_display_name"]
    return Task(raw["task_id"], raw["map_index"], label, raw["state"] or "waiting", raw["try_number"], _seconds(raw))


def _seconds(raw: dict[str, Any]) -> float | None:
    if not raw["start_date"] or not raw["end_date"]:
        return None
    return (datetime.fromisoformat(raw["end_date"]) - datetime.fromisoformat(raw["start_date"])).total_seconds()


def _message(line: str) -> str:
    """One log line for people: the event, and the error's own words where there is one."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line.rstrip()
    if not isinstance(entry, dict):
        return line.rstrip()
    errors = [f"{error.get('exc_type')}: {error.get('exc_value')}" for error in entry.get("error_detail") or []]
    event = str(entry.get("event", ""))
    return "\n".join(["" if event.startswith("::") else event, *errors]).strip()
