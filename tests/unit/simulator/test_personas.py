"""The four businesses differ as they should, and each keeps its rules."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest

from simulator import world
from simulator.personas import PERSONAS, persona
from tests.unit.simulator.conftest import Demo
from tests.unit.simulator.test_demo import label_rows

ALL_TYPES = {
    "CUSTOMER_RETURN", "EXCHANGE", "WARRANTY", "RECALL", "UNDELIVERABLE", "UNSOLD", "DAMAGED_IN_TRADE", "END_OF_LIFE",
    "OFF_CONTRACT", "TRADE_IN", "CORE", "REPAIR_AND_RETURN", "BLIND",
}  # fmt: skip
RESALE = ("RESTOCK_NEW", "RESELL_OPEN_BOX", "REFURBISH_RESELL")


def test_all_thirteen_return_types_occur_several_in_each_business() -> None:
    types = {code: {flow.return_type for flow in who.flows} for code, who in PERSONAS.items()}
    assert set().union(*types.values()) == ALL_TYPES
    assert all(len(found) >= 7 for found in types.values())
    for code, found in types.items():
        drawn = world.draw(2, 1500, code)
        assert set(drawn.lines["return_type"].tolist()) == found


def test_a_persona_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="home_improvement, apparel, electronics, healthcare"):
        persona("department_store")


def labelled(business: Demo, defect: str) -> int:
    return sum(row["defect"] == defect for row in label_rows(business.home))


def test_what_law_forbids_is_sold_again_by_mistake_only(business: Demo) -> None:
    drop = business.home / "drop" / "shop"
    forbidden = duckdb.sql(f"""
        with banned as (select sku from read_csv('{drop}/products.csv', all_varchar = true)
                        where is_resale_allowed = 'false')
        select disposition_code from '{business.home}/truth/ledger.parquet'
        where grade in ('R', 'X') or (channel = 'WEBSHOP' and sku in (from banned))
    """).fetchall()
    mistakes = labelled(business, "forbidden_resale")
    assert sum(code in RESALE for (code,) in forbidden) == mistakes
    told = duckdb.sql(f"""
        select count(*) from read_csv('{drop}/dispositions_*.csv', all_varchar = true) d
        join '{business.home}/truth/ledger.parquet' l using (rma_id, rma_line)
        where l.grade in ('R', 'X') and l.unit_ordinal = coalesce(d.unit_ordinal, '1')::int
          and d.disposition_code in {RESALE}
    """).fetchall()
    assert told[0][0] <= mistakes


def test_a_unit_enters_free_of_duty_or_gets_it_back_and_both_by_mistake_only(business: Demo) -> None:
    truth = business.home / "truth"
    rows = duckdb.sql(f"""
        with treated as (
            select rma_id, rma_line, max(duty_treatment) as duty_treatment
            from read_csv('{business.home}/drop/shop/returns_*.csv', all_varchar = true) group by all
        ), duty as (
            select unit_id, sum(amount) as paid from '{truth}/costs.parquet' where category_code = 'DUTY_IN' group by 1
        ), back as (
            select unit_id, sum(gross) as refunded from '{truth}/recoveries.parquet'
            where category_code = 'REC_DBK' group by 1
        )
        select duty_treatment, count(duty.paid), count(back.refunded), count(*) filter (refunded > coalesce(paid, 0))
        from '{truth}/ledger.parquet' join treated using (rma_id, rma_line)
        left join duty using (unit_id) left join back using (unit_id)
        where duty_treatment is not null group by 1
    """).fetchall()
    by_treatment = {treatment: counts for treatment, *counts in rows}
    mistakes = labelled(business, "duty_spared_and_drawn_back")
    assert by_treatment.pop("FREE_9814") == [0, mistakes, mistakes]
    assert by_treatment["DUTIABLE"][0] > 0
    assert by_treatment["DUTIABLE"][1] == 0
    assert all(more_than_paid == 0 for *_, more_than_paid in by_treatment.values())


def test_each_business_has_what_makes_it_one() -> None:
    apparel, electronics, healthcare = (world.draw(2, 1500, code) for code in ("apparel", "electronics", "healthcare"))
    assert set(apparel.parcels["currency"].tolist()) == {"CAD", "USD", "EUR"}
    jobs = electronics.work_orders
    assert {"REPAIR", "REFURBISH", "REMANUFACTURE", "PARTS_HARVEST"} == set(jobs["work_kind"].tolist())
    assert (jobs["output_serial_number"] != "").any()
    assert (electronics.lines["contract_id"] != "").sum() > 20
    assert set(healthcare.units["grade"].tolist()) >= {"R", "X"}
    assert (healthcare.lines["lot_number"] != "").sum() > 100
    assert (apparel.lines["lot_number"] == "").all()


def test_a_serial_number_comes_back_only_after_it_was_sold_on() -> None:
    drawn = world.draw(2, 30_000, "electronics")
    first = drawn.units["is_first_return"]
    serials = drawn.units["serial_number"][first]
    assert len(serials) > 30
    for serial, sold_at in zip(serials.tolist(), drawn.final["executed_at"][first], strict=True):
        again = (drawn.units["serial_number"] == serial) & ~first
        assert again.sum() == 1
        assert (drawn.units["requested_at"][again] > sold_at).all()


@pytest.mark.parametrize("code", PERSONAS)
@pytest.mark.parametrize("seed", range(1, 11))
def test_a_return_line_carries_one_defect_at_most(code: str, seed: int) -> None:
    """A row is labelled with one defect: a second one would be found and be told by no label."""
    lines = world.draw(seed, 800, code).lines
    over, other = lines["received_quantity"] > lines["quantity"], lines["received_product"] >= 0
    defects = over.astype(int) + other + (lines["defect"] != "")
    assert defects.max() == 1


@pytest.mark.parametrize("seed", range(1, 16))
def test_what_expires_before_it_is_decided_on_is_never_sold_again(seed: int) -> None:
    drawn = world.draw(seed, 800, "healthcare")
    shop = drawn.units["line"] >= 0
    expires = drawn.lines["expires_at"][drawn.units["line"][shop]]
    resold = np.isin(drawn.final["code"][shop], [*RESALE, "LIQUIDATE_B2B", "SALVAGE", "DONATE"])
    assert not (resold & (expires < drawn.final["decided_at"][shop].astype("datetime64[D]"))).any()
