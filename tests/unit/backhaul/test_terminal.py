"""SQL and export from the command line, over a small published file."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from backhaul import export, terminal
from backhaul.cli import app
from backhaul.publishing import Publish
from backhaul.settings import Settings

runner = CliRunner()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home whose published file holds a table, a view, an empty table and what is nobody's business."""
    monkeypatch.setenv("BACKHAUL_HOME", str(tmp_path))
    settings = Settings(home=tmp_path)
    settings.published.mkdir()
    publish = Publish(
        publish_id="20260701T060000-first", file="20260701T060000-first.duckdb", build_id="b", lake_version="l",
        built_at="2026-07-01T05:00:00+00:00", published_at="2026-07-01T06:05:00+00:00", reporting_currency="CAD",
        rows={}, sha256="", duckdb_version=duckdb.__version__,
    )  # fmt: skip
    with duckdb.connect(str(publish.path(settings))) as connection:
        connection.execute("create schema core; create schema marts; create schema quality; create schema hidden")
        connection.execute(
            "create table core.fct_return_unit as select 'U' || i as unit_key, (i + 0.1)::decimal(18, 4) as cost, "
            "['A', 'é'] as codes from range(100) t(i)"
        )
        connection.execute("create table core.dim_as_of as select timestamp '2026-07-01' as as_of")
        connection.execute("comment on table core.fct_return_unit is 'Units; \"quoted\".'")
        connection.execute("comment on column core.fct_return_unit.cost is 'Costs, dollars.'")
        connection.execute("create view marts.mart_cost as select sum(cost) as cost from core.fct_return_unit")
        connection.execute("create table quality.quality_finding (rule_id varchar)")
        connection.execute("comment on column quality.quality_finding.rule_id is 'Rule of the finding.'")
        connection.execute("create table hidden.customer as select 'secret' as email")
    settings.pointer.write_text(json.dumps(asdict(publish)))
    return settings


def test_a_query_is_shown_as_a_table(settings: Settings) -> None:
    shown = runner.invoke(app, ["sql", "select codes, cost from core.fct_return_unit order by cost", "--limit", "2"])
    assert shown.exit_code == 0
    assert "['A', 'é']  0.1000" in shown.output
    assert "--limit 0" in shown.output
    whole = runner.invoke(app, ["sql", "select cost from core.fct_return_unit", "--limit", "0"])
    assert whole.output.count("\n") == 101
    assert "--limit" not in whole.output


def test_every_row_goes_into_files(settings: Settings, tmp_path: Path) -> None:
    query = "select unit_key, cost, codes from core.fct_return_unit"
    lines = list(csv.reader(io.StringIO(runner.invoke(app, ["sql", query, "--csv"]).stdout)))
    assert (len(lines), lines[0]) == (101, ["unit_key", "cost", "codes"])
    assert ["U5", "5.1000", "['A', 'é']"] in lines
    objects = [json.loads(line) for line in runner.invoke(app, ["sql", query, "--json"]).stdout.splitlines()]
    assert {"unit_key": "U5", "cost": "5.1000", "codes": ["A", "é"]} in objects
    target = tmp_path / "units.parquet"
    assert runner.invoke(app, ["sql", query, "--parquet", str(target)]).exit_code == 0
    assert pyarrow.parquet.read_table(target).num_rows == 100


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("selec 1", "syntax error"),
        ("select costs from core.fct_return_unit", "cost"),
        ("create table x as select 1", "read-only"),
        ("copy core.fct_return_unit to '/tmp/x.csv'", "disabled by configuration"),
        ("select 1::integer // 'x'", "Could not convert"),
    ],
)
def test_what_cannot_be_answered_is_said_in_plain_words(settings: Settings, query: str, says: str) -> None:
    for form in ([], ["--csv"], ["--json"]):
        failed = runner.invoke(app, ["sql", query, *form])
        assert failed.exit_code == 1
        assert says in failed.output
        assert "Traceback" not in failed.output


def test_without_a_query_the_client_opens_read_only(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    def run(command: list[str], check: bool) -> subprocess.CompletedProcess[str]:
        started.append(command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(terminal.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(terminal.subprocess, "run", run)
    assert runner.invoke(app, ["sql"]).exit_code == 3
    assert started[0][1:6] == ["-m", "harlequin", "--adapter", "duckdb", "--read-only"]
    assert started[0][6].endswith("20260701T060000-first.duckdb")


def test_a_client_that_is_not_there_is_asked_for(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal.importlib.util, "find_spec", lambda name: None)
    missing = runner.invoke(app, ["sql"])
    assert missing.exit_code == 1
    assert "uv pip install" in missing.output


def test_an_export_holds_every_table_with_its_meaning(settings: Settings, tmp_path: Path) -> None:
    target = tmp_path / "out" / "export"
    assert runner.invoke(app, ["export", str(target)]).exit_code == 0
    files = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert files == {
        "core/dim_as_of.parquet",
        "core/fct_return_unit.parquet", "marts/mart_cost.parquet", "quality/quality_finding.parquet",
        "README.md", "dictionary.csv", "dictionary.json",
    }  # fmt: skip
    units = pyarrow.parquet.read_table(target / "core" / "fct_return_unit.parquet")
    assert units.column("cost").to_pylist()[5] == Decimal("5.1000")
    assert units.schema.field("cost").metadata[b"comment"] == b"Costs, dollars."
    assert (
        pyarrow.parquet.ParquetFile(target / "core" / "fct_return_unit.parquet")
        .metadata.row_group(0)
        .column(0)
        .compression
        == "ZSTD"
    )
    assert pyarrow.parquet.read_table(target / "quality" / "quality_finding.parquet").num_rows == 0
    described = json.loads((target / "dictionary.json").read_text())
    assert (described["publish_id"], described["as_of"]) == ("20260701T060000-first", "2026-07-01T00:00:00")
    assert [(table["name"], table["kind"], table["rows"]) for table in described["tables"]] == [
        ("dim_as_of", "table", 1),
        ("fct_return_unit", "table", 100), ("mart_cost", "view", 1), ("quality_finding", "table", 0),
    ]  # fmt: skip
    lines = list(csv.DictReader(io.StringIO((target / "dictionary.csv").read_text("utf-8-sig"))))
    assert [line["column"] for line in lines[:4]] == ["as_of", "unit_key", "cost", "codes"]
    assert lines[2]["table_comment"] == 'Units; "quoted".'
    assert "20260701T060000-first" in (target / "README.md").read_text()


@pytest.mark.parametrize(
    ("options", "code", "meaning", "title"),
    [
        ([], "en", "Rule of the finding.", "# Warehouse export"),
        (["--language", "en"], "en", "Rule of the finding.", "# Warehouse export"),
        (["--language", "fr"], "fr", "Règle du constat.", "# Export de l’entrepôt de données"),
    ],
    ids=["by default", "English", "French"],
)
def test_an_export_says_what_columns_mean_in_the_language_asked(
    settings: Settings, tmp_path: Path, options: list[str], code: str, meaning: str, title: str
) -> None:
    target = tmp_path / "export"
    assert runner.invoke(app, ["export", str(target), *options]).exit_code == 0
    described = json.loads((target / "dictionary.json").read_text())
    assert described["language"] == code
    assert described["tables"][-1]["columns"][0]["comment"] == meaning
    assert meaning in (target / "dictionary.csv").read_text("utf-8-sig")
    field = pyarrow.parquet.read_schema(target / "quality" / "quality_finding.parquet").field("rule_id")
    assert field.metadata[b"comment"].decode() == meaning
    readme = (target / "README.md").read_text()
    assert readme.startswith(title)
    assert "20260701T060000-first" in readme
    # somebody's own description has no French
    assert described["tables"][1]["comment"] == 'Units; "quoted".'


def test_a_folder_with_something_in_it_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    refused = runner.invoke(app, ["export", str(tmp_path / "full")])
    assert refused.exit_code == 1
    assert "not empty" in refused.output
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_an_export_that_fails_leaves_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(export, "_write_dictionary", fail)
    before = set(tmp_path.iterdir())
    with pytest.raises(OSError, match="no space"):
        export.export(settings, tmp_path / "export")
    assert set(tmp_path.iterdir()) == before
