"""Two homes that hold the same records publish the same tables, whatever the order in which they came."""

from __future__ import annotations

from typing import Any

from backhaul.reading import published
from backhaul.settings import Settings

# when bytes arrived, which process wrote them and what an earlier publish knew is nobody's figure
NOT_COMPARED = {
    "quality_model_run",
    "mart_kpi_as_known",
    "quality_gate_result",
    "quality_batch_check",
    "quality_contract_change",
}


def published_tables(settings: Settings) -> dict[str, list[Any]]:
    """Every published table as its rows in a fixed order, without the column that tells when it was loaded."""
    columns = "columns(lambda name: name <> 'landed_at')"
    with published(settings) as (_, connection):
        names = connection.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
        return {
            f"{schema}.{table}": connection.execute(f"select {columns} from {schema}.{table} order by all").fetchall()
            for schema, table in names
            if table not in NOT_COMPARED
        }


def assert_same_tables(one: Settings, other: Settings) -> None:
    """Every published table of both homes is equal, row by row."""
    expected, found = published_tables(one), published_tables(other)
    assert found.keys() == expected.keys()
    for table, rows in expected.items():
        assert found[table] == rows, table
