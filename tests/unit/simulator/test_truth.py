"""The truth agrees with itself."""

from __future__ import annotations

import json
from decimal import Decimal

import duckdb

from tests.unit.simulator.conftest import Demo


def test_the_headline_re_adds_from_the_ledger(demo: Demo) -> None:
    kpis = json.loads((demo.home / "truth" / "headline.json").read_text())["kpis"]
    with duckdb.connect() as db:
        for name in ("ledger", "costs", "recoveries", "mass"):
            db.execute(f"create view {name} as from '{demo.home}/truth/{name}.parquet'")
        b02 = db.sql("""
            select strftime(received_at, '%Y-%m'), sum(amount), count(*) from ledger left join (
                select unit_id, sum(amount_reporting) as amount from costs
                where category_code <> 'WRITE_DOWN' group by 1
            ) using (unit_id) where received_at is not null group by 1
        """).fetchall()
        assert len(b02) == 12
        for month, amount, units in b02:
            cell = kpis["B02"]["months"][month]
            assert (Decimal(cell["numerator"]), int(cell["denominator"])) == (amount, units)
            assert sum(map(Decimal, cell["components"].values())) == amount
        c03 = db.sql("""
            select strftime(executed_at, '%Y-%m'), sum(landed_cost_reporting), sum(sale), sum(coalesce(rec, 0))
                   - sum(coalesce(cost, 0))
            from ledger
            left join (select unit_id, sum(gross_reporting) as rec,
                              sum(gross_reporting) filter (category_code = 'REC_SALE') as sale
                       from recoveries where category_code like 'REC\\_%' escape '\\' group by 1) using (unit_id)
            left join (select unit_id, sum(amount_reporting) as cost from costs
                       where is_trc and category_code <> 'RFD_UNREC' group by 1) using (unit_id)
            where executed_at is not null and landed_cost_reporting is not null and is_owned group by 1
        """).fetchall()
        assert len(c03) == 12
        for month, landed, sale, net in c03:
            c01_cell, c03_cell = kpis["C01"]["months"][month], kpis["C03"]["months"][month]
            assert (Decimal(c01_cell["numerator"]), Decimal(c01_cell["denominator"])) == (sale, landed)
            assert (Decimal(c03_cell["numerator"]), Decimal(c03_cell["denominator"])) == (net, landed)
        mass = db.sql("""
            select strftime(executed_at, '%Y-%m'), mass_class, sum(mass_kg) from mass join ledger using (unit_id)
            group by all
        """).fetchall()
        for month, mass_class, kg in mass:
            assert Decimal(kpis["mass"]["months"][month]["out_kg"][mass_class]) == kg
        off = db.sql("""
            select count(*) from (select unit_id, sum(mass_kg) as kg from mass group by 1) join ledger using (unit_id)
            where kg <> unit_mass_kg
        """).fetchall()
        assert off == [(0,)]


def test_mass_is_conserved_from_month_to_month(demo: Demo) -> None:
    closing = Decimal(0)
    for month in demo.truth.headline["kpis"]["mass"]["months"].values():
        assert Decimal(month["opening_kg"]) == closing
        out = sum(map(Decimal, month["out_kg"].values()))
        closing = Decimal(month["closing_kg"])
        assert Decimal(month["opening_kg"]) + Decimal(month["received_kg"]) == out + closing
    assert closing > 0


def test_the_business_is_plausible(demo: Demo) -> None:
    total = {kpi: float(cells["total"]["value"]) for kpi, cells in demo.truth.headline["kpis"].items() if kpi != "mass"}
    assert 15 < total["B02"] < 25
    assert 0.2 < total["C03"] < 0.5 < total["C01"] < 0.9
    assert 0.6 < total["F06"] < 0.85
    assert 0.5 < total["F04a"] < 0.95
    months = demo.truth.headline["kpis"]["B02"]["months"]
    assert max(months, key=lambda m: int(months[m]["denominator"])) == "2026-01"
    assert len(demo.truth.headline["kpis"]["B02"]["total"]["components"]) >= 14
    statuses = demo.truth.headline["units"]["by_status"]
    assert statuses.keys() == {
        "RECEIVED", "DECIDED", "EXECUTED", "NO_SHOW", "LOST", "IN_TRANSIT", "KEPT", "REFUSED", "SHORT",
    }  # fmt: skip
