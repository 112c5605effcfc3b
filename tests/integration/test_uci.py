"""Real retail data by day, through a file description and no Python: the published returns by month are the data's own.

The figures are those of the data's own description: returned lines, units and value by month, no row removed.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from backhaul.build import build
from backhaul.publishing import publish
from backhaul.reading import published
from backhaul.settings import PROJECT, Settings
from expectations.marts import audit_marts
from ingestion.batch import ingest
from tests.integration.comparing import assert_same_tables

BY_DAY = PROJECT.parent / "shared" / "data" / "uci-online-retail" / "by-day"
DESCRIPTION = PROJECT / "ingestion" / "sources" / "delimited" / "examples" / "uci_online_retail.yml"
RETURNS = {
    date(2010, 12, 1): (728, 16_042, Decimal("74789.12")),
    date(2011, 1, 1): (701, 79_845, Decimal("131364.30")),
    date(2011, 2, 1): (475, 2_871, Decimal("25569.24")),
    date(2011, 3, 1): (699, 5_395, Decimal("34372.28")),
    date(2011, 4, 1): (559, 13_645, Decimal("44601.50")),
    date(2011, 5, 1): (621, 5_868, Decimal("47202.51")),
}
pytestmark = pytest.mark.skipif(not BY_DAY.is_dir(), reason="the UCI files by day are not beside the project")


def _home(path: Path) -> Settings:
    source = {
        "id": "uci",
        "kind": "delimited",
        "domain": "returns",
        "contract": str(DESCRIPTION),
        "from": {"type": "files", "path": "drop/uci"},
    }
    path.mkdir(parents=True, exist_ok=True)
    # customers are hashed with the home's own salt: homes that are to agree share it
    (path / "salt").write_text("one salt")
    (path / "sources.yml").write_text(yaml.safe_dump({"sources": [source]}))
    return Settings(home=path)


def _load(settings: Settings, deliveries: Iterable[list[Path]]) -> None:
    for files in deliveries:
        ingest("uci", files, settings)
    build(settings)
    publish(settings, audit_marts)


def test_returns_by_month_and_any_order_gives_the_same_tables(tmp_path: Path) -> None:
    days = sorted(BY_DAY.glob("*.csv"))
    at_once = _home(tmp_path / "at_once")
    _load(at_once, [days])
    with published(at_once) as (_, connection):
        rows = connection.execute(
            "select period_month, sum(line_count), sum(unit_count), sum(net_amount) from marts.mart_returned_lines "
            "group by 1"
        ).fetchall()
        written_off = connection.execute(
            "select sum(line_count), -sum(unit_count) from marts.mart_stock_adjustments where line_class = 'GOODS'"
        ).fetchone()
        goods = connection.execute(
            "select sum(line_count), sum(unit_count), sum(net_amount) from marts.mart_returned_lines "
            "where line_class = 'GOODS'"
        ).fetchone()
        units = connection.execute("select count(*) from core.fct_return_unit").fetchone()
    assert {month: (lines, count, value) for month, lines, count, value in rows if month in RETURNS} == RETURNS
    if len(days) == 141:
        assert written_off == (651, 69_068)
        assert goods == (3_526, 120_394, Decimal("170450.47"))
        assert units == (120_394,)

    # the same days shuffled, in several deliveries, one of them twice, one file under another name
    shuffled = random.Random(7).sample(days, len(days))
    copy = tmp_path / "copied" / "a day again.csv"
    copy.parent.mkdir()
    shutil.copy(days[5], copy)
    in_parts = _home(tmp_path / "in_parts")
    _load(in_parts, [shuffled[:50], shuffled[40:90], [copy], shuffled[90:], shuffled[:3]])
    assert_same_tables(at_once, in_parts)
