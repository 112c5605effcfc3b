"""A small published file, with names as the warehouse gives them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "20260701T060000-first.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core; create schema marts; create schema quality; create schema raw_rows")
        connection.execute(
            "create table core.fct_cost as select range as unit_key, range % 3 as node_id, "
            "(range * 1.25)::decimal(18, 4) as amount_reporting, ['A', 'B'] as evidence, {'kg': range} as mass, "
            "date '2026-01-01' + (range % 90)::integer as occurred_date from range(1000)"
        )
        connection.execute(
            "create table core.dim_node as select range as node_id, 'N' || range as label_en from range(3)"
        )
        connection.execute(
            "create view marts.mart_cost_per_return as select node_id, sum(amount_reporting) as cost_reporting "
            "from core.fct_cost group by node_id"
        )
        connection.execute("create table quality.quality_finding as select 1 as rule")
        connection.execute("create table raw_rows.customer as select 'secret' as email")
        connection.execute("create table main.loose as select 1 as a")
    return path
