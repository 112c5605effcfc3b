"""What a failed build says: each failing test with the first rows that broke it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import duckdb

from backhaul.build import SHOWN_ROWS, _explain, dbt_environment
from backhaul.settings import Settings


def failed(resource_type: str, sql: str | None) -> SimpleNamespace:
    node = SimpleNamespace(resource_type=resource_type, name="rows_are_conserved", compiled_code=sql)
    return SimpleNamespace(node=node, message="Got 9 results", status="fail")


def test_a_failing_test_shows_its_first_rows(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.build_db.parent.mkdir()
    with duckdb.connect(str(settings.build_db)) as connection:
        connection.execute("create table lost as select range as batch, 'a.csv' as file from range(9)")
    text = _explain(settings, failed("test", "select batch, file from lost order by batch"))
    assert text.splitlines()[0] == "test rows_are_conserved: Got 9 results"
    assert text.splitlines()[1:] == [f"  batch={number}, file=a.csv" for number in range(SHOWN_ROWS)]


def test_a_failing_model_or_a_test_that_cannot_run_is_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.build_db.parent.mkdir()
    duckdb.connect(str(settings.build_db)).close()
    assert _explain(settings, failed("model", "select 1")) == "model rows_are_conserved: Got 9 results"
    assert _explain(settings, failed("test", "select * from nowhere")) == "test rows_are_conserved: Got 9 results"


def test_a_home_keeps_its_salt_to_itself(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    first = dbt_environment(settings)["BACKHAUL_CUSTOMER_SALT"]
    assert len(first) == 32
    assert dbt_environment(settings)["BACKHAUL_CUSTOMER_SALT"] == first
    assert dbt_environment(Settings(home=tmp_path / "other"))["BACKHAUL_CUSTOMER_SALT"] != first
    assert (tmp_path / "salt").stat().st_mode & 0o077 == 0
