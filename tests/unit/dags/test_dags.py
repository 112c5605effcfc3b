"""The DAGs import, are cheap to parse and are wired as designed."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

DAGS = Path(__file__).resolve().parents[3] / "dags"
INGEST = {"ingest_returns": "returns", "ingest_carriers": "carrier", "ingest_inventory": "inventory"}
FORMS = ("decide", "try_source", "erase")
HEAVY = ("duckdb", "dbt", "pandas", "great_expectations", "streamlit", "pyarrow", "cosmos")


@pytest.fixture(scope="module")
def dags(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("airflow")
    os.environ["AIRFLOW_HOME"] = str(home)
    os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(DAGS))
    assert not bag.import_errors
    return bag.dags


def test_the_dags_are_those_of_the_design(dags: dict[str, Any]) -> None:
    assert set(dags) == {*INGEST, "build_warehouse", "deliver", "maintain", *FORMS}


@pytest.mark.parametrize("dag_id", [*INGEST, "build_warehouse", "deliver", "maintain", *FORMS])
def test_every_dag_can_be_operated(dags: dict[str, Any], dag_id: str) -> None:
    dag = dags[dag_id]
    assert dag.doc_md
    assert dag.tags
    assert dag.max_active_runs == 1
    assert not dag.catchup
    assert dag.start_date is None, "a fresh installation would make up for the last scheduled run"
    for task in dag.tasks:
        assert task.owner.endswith("-engineering")
        assert task.retries >= 1
        assert task.retry_exponential_backoff
        assert timedelta(0) < task.execution_timeout <= timedelta(hours=4)


def test_a_user_sets_when_they_run(tmp_path: Path) -> None:
    program = (
        "from dags.ingest import ingest_returns as ingest; from dags.build_warehouse import build_warehouse;"
        "print(ingest.timetable, build_warehouse.__name__)"
    )
    env = os.environ | {"AIRFLOW_HOME": str(tmp_path), "BACKHAUL_INGEST_SCHEDULE": "*/15 * * * *"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=DAGS.parent, env=env, capture_output=True, text=True, check=True
    )
    assert "*/15 * * * *" in done.stdout


@pytest.mark.parametrize(("dag_id", "domain"), INGEST.items())
def test_a_domain_is_announced_even_when_a_source_failed(dags: dict[str, Any], dag_id: str, domain: str) -> None:
    dag = dags[dag_id]
    assert dag.get_task("ingest_source").is_mapped
    announce = dag.get_task("announce")
    assert announce.trigger_rule == "all_done"
    assert [outlet.uri for outlet in announce.outlets] == [f"backhaul://lake/{domain}"]
    # The second leaf decides whether the run is shown as failed.
    assert dag.get_task("every_source_ingested").trigger_rule == "none_failed"
    assert {task.task_id for task in dag.leaves} == {"announce", "every_source_ingested"}


def test_the_build_waits_for_all_domains_and_writes_alone(dags: dict[str, Any]) -> None:
    dag = dags["build_warehouse"]
    uris = {asset.uri for asset in dag.timetable.asset_condition.objects}
    assert uris == {f"backhaul://lake/{domain}" for domain in INGEST.values()}
    assert {task.pool for task in dag.tasks} == {"warehouse_writer"}
    assert dag.get_task("build").downstream_task_ids == {"publish"}
    assert [outlet.uri for outlet in dag.get_task("publish").outlets] == ["backhaul://warehouse/published"]


def test_a_publish_is_delivered_and_a_failed_delivery_shows(dags: dict[str, Any]) -> None:
    dag = dags["deliver"]
    published = {outlet.uri for outlet in dags["build_warehouse"].get_task("publish").outlets}
    assert {asset.uri for asset in dag.timetable.asset_condition.objects} == published
    # each is a leaf: neither hides that the other failed, nor keeps it from running
    assert {task.task_id for task in dag.leaves} == {"deliver", "catalogue"} == {task.task_id for task in dag.roots}
    assert dag.max_active_tasks == 1
    assert dag.get_task("deliver").priority_weight > dag.get_task("catalogue").priority_weight
    for task in dag.tasks:
        assert task.bash_command.endswith(f" -m backhaul.cli {task.task_id}")


def loaded(imports: str, home: Path) -> str:
    """The heavy libraries that are there after some imports."""
    env = os.environ | {"PYTHONPATH": f"{DAGS}{os.pathsep}{DAGS.parent}", "AIRFLOW_HOME": str(home)}
    probe = f"import sys\n{imports}\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], env=env, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def airflow_alone(tmp_path_factory: pytest.TempPathFactory) -> str:
    imports = (
        "from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, Connection, CronTriggerTimetable, Param, Variable, "
        "dag, task"
    )
    return loaded(imports, tmp_path_factory.mktemp("alone"))


@pytest.mark.parametrize("module", ["ingest", "build_warehouse", "deliver", "maintain", *FORMS])
def test_parsing_a_dag_file_loads_nothing_heavy(module: str, airflow_alone: str, tmp_path: Path) -> None:
    assert loaded(f"import {module}", tmp_path) == airflow_alone


FORM = {"action": "replay", "batch": "", "source": "", "reason": "", "commit": False}


@pytest.mark.parametrize(
    ("filled", "command"),
    [
        ({"action": "release", "batch": "ab", "reason": "seen"}, "batch release ab --reason=seen"),
        ({"action": "reject", "batch": "ab", "reason": "--yes"}, "batch reject ab --reason=--yes"),
        ({"source": "shop"}, "replay --source=shop"),
        ({"batch": "ab", "commit": True}, "replay --batch=ab --yes"),
        ({"action": "retry", "source": "shop", "commit": True}, "quarantine retry --source=shop --yes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_filled_form_is_a_command_that_exists(filled: dict[str, Any], command: str, monkeypatch, tmp_path) -> None:
    from typer.testing import CliRunner

    from backhaul.cli import app
    from dags.decide import command_of

    arguments = command_of(**FORM | filled)
    assert arguments == command.split()
    monkeypatch.setenv("BACKHAUL_HOME", str(tmp_path))
    # understood as a command (2 would say that it is not); an empty home has no such batch or source
    assert CliRunner().invoke(app, arguments).exit_code in (0, 1)


@pytest.mark.parametrize("filled", [{}, {"action": "release", "batch": "ab"}, {"action": "reject", "reason": "no"}])
def test_a_form_that_lacks_something_is_refused(filled: dict[str, Any]) -> None:
    from dags.decide import command_of

    with pytest.raises(ValueError, match="name"):
        command_of(**FORM | filled)


@pytest.mark.parametrize(
    ("field", "value"), [("action", "drop"), ("batch", "--yes"), ("source", "../x"), ("source", "--yes")]
)
def test_the_form_takes_no_options_in_disguise(dags: dict[str, Any], field: str, value: str) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    with pytest.raises(ParamValidationError):
        dags["decide"].params.get_param(field).resolve(value)


@pytest.mark.parametrize(
    ("filled", "command"),
    [
        ({"source": "shop"}, ["source", "test", "shop"]),
        ({"action": "preview", "file": "drop/a.csv"}, ["source", "preview", "{home}/drop/a.csv"]),
        (
            {"action": "preview", "file": "a.csv", "kind": "backhaul"},
            ["source", "preview", "{home}/a.csv", "--kind=backhaul"],
        ),
    ],
    ids=["test", "preview", "preview as a kind"],
)
def test_a_form_about_a_source_is_a_command_that_exists(filled, command, monkeypatch, tmp_path) -> None:
    from typer.testing import CliRunner

    from backhaul.cli import app
    from dags.try_source import command_of

    monkeypatch.setenv("BACKHAUL_HOME", str(tmp_path))
    (tmp_path / "drop").mkdir()
    for name in ("a.csv", "drop/a.csv"):
        (tmp_path / name).write_text("rma_id,sku,quantity\nR1,A,1\n")
    arguments = command_of(**{"action": "test", "source": "", "file": "", "kind": ""} | filled)
    assert arguments == [part.format(home=tmp_path) for part in command]
    assert CliRunner().invoke(app, arguments).exit_code in (0, 1)


@pytest.mark.parametrize("action", ["test", "preview"])
def test_a_form_about_no_source_is_refused(action: str) -> None:
    from dags.try_source import command_of

    with pytest.raises(ValueError, match="name it"):
        command_of(action, "", "", "")


@pytest.mark.parametrize(
    ("dag_id", "field", "value"),
    [
        *(
            ("try_source", "file", value)
            for value in ("/etc/passwd", "../x", "a/../../x", "--kind=x", ".env", "a/.env")
        ),
        ("try_source", "source", "--help"),
        ("try_source", "kind", "--help"),
        ("erase", "confirm", "yes"),
        ("erase", "confirm", "erase"),
        ("erase", "source", "--yes"),
        ("erase", "variable", "a b"),
    ],
)
def test_a_form_takes_what_it_asks_for_only(dags: dict[str, Any], dag_id: str, field: str, value: str) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    with pytest.raises(ParamValidationError):
        dags[dag_id].params.get_param(field).resolve(value)


def test_a_file_of_the_home_may_be_named(dags: dict[str, Any]) -> None:
    assert dags["try_source"].params.get_param("file").resolve("drop/shop/a b.csv") == "drop/shop/a b.csv"


@pytest.mark.parametrize("confirm", ["", "ERASE"])
def test_the_form_erases_when_it_is_told_and_says_the_number_nowhere(
    dags: dict[str, Any], tmp_path: Path, monkeypatch, capsys, confirm: str
) -> None:
    import dags.erase as form
    from backhaul import remains
    from backhaul.settings import Settings
    from ingestion import batch, profile

    person = "C000123"
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})
    (tmp_path / "in").mkdir()
    (tmp_path / "sources.yml").write_text(
        "sources:\n  - {id: shop, kind: backhaul, domain: returns, from: {type: files, path: in}}\n"
    )
    (tmp_path / "in" / "feedback.jsonl").write_text(
        f'{{"answer_id": "F1", "customer_ref": "{person}", "answered_at": "2026-03-05T06:00:00Z", "score": 9}}\n'
        f"{person}\n"
    )
    settings = Settings(home=tmp_path)
    batch.ingest("shop", settings=settings)
    monkeypatch.setenv("BACKHAUL_HOME", str(tmp_path))
    variables = {"erase_customer": person}
    filled = {"params": {"variable": "erase_customer", "source": "", "confirm": confirm}}
    monkeypatch.setattr(form, "get_current_context", lambda: filled)
    monkeypatch.setattr(form.Variable, "get", variables.get)
    monkeypatch.setattr(form.Variable, "delete", variables.pop)
    form.erase().get_task("carry_out").python_callable()
    said = capsys.readouterr()
    assert "shop" in said.out
    assert person not in said.out + said.err
    left = {path.relative_to(tmp_path).parts[0] for path in remains.find(settings, person)}
    assert left == (set() if confirm else {"lake", "landing", "in"})
    assert variables == ({} if confirm else {"erase_customer": person})


def test_what_a_command_says_loses_its_secret_and_its_failure_fails(capsys, monkeypatch, tmp_path) -> None:
    from backhaul import forms

    monkeypatch.setenv("BACKHAUL_HOME", str(tmp_path))
    with pytest.raises(subprocess.CalledProcessError) as caught:
        forms.carry_out(["erase", "--customer=-", "--source=C42"], secret="C42")
    said = capsys.readouterr().out
    assert "No source '•••'" in said
    assert "C42" not in said
    assert caught.value.returncode == 1
