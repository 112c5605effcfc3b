"""A small published file with figures that can be checked by hand, and visits to the pages over it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import duckdb
from streamlit.testing.v1 import AppTest

from backhaul.publishing import Publish
from backhaul.settings import PROJECT, Settings

FRAME = PROJECT / "dashboards" / "pages" / "frame.py"
SEEDS = PROJECT / "dbt_project" / "seeds" / "reference"
AS_OF = datetime.fromisoformat("2026-07-01")
MONTHS = [date(2026, month, 1) for month in range(1, 7)]
# numerator, denominator by month, such that an average of the ratios is not the ratio of the sums
FIGURES: dict[str, list[tuple[str, str]]] = {
    "B02": [("1000", "100"), ("3000", "100"), ("1500", "300"), ("1000", "100"), ("3000", "200"), ("500", "100")],
    "C03": [("50", "100"), ("30", "100"), ("90", "300"), ("-20", "100"), ("60", "200"), ("10", "100")],
    "C01": [("80", "100"), ("60", "100"), ("150", "300"), ("20", "100"), ("90", "200"), ("40", "100")],
    "F06": [("70", "100"), ("60", "80"), ("50", "100"), ("90", "100"), ("40", "60"), ("30.4", "50.6")],
    "F04a": [("10", "20"), ("5", "20"), ("15", "40"), ("8", "10"), ("10", "20"), ("0", "0")],
}
# of each month: opening, received, kept in use, recycled, closing; each rounded alone, the first would not add up
BALANCE = [
    ("0", "150.24", "69.98", "30", "50.26"),
    ("50.26", "100", "60", "20", "70.26"),
    ("70.26", "80.33", "50", "50", "50.59"),
    ("50.59", "60", "90", "10", "10.59"),
    ("10.59", "100", "40", "20", "50.59"),
    ("50.59", "20.4", "30.4", "20.2", "20.39"),
]
LOW_COVERAGE_MONTH = date(2026, 5, 1)


def write_published(settings: Settings, publish_id: str, factor: int = 1) -> Publish:
    """Publish the figures; ``factor`` multiplies the costs, so that a second publish can be told from the first."""
    settings.published.mkdir(parents=True, exist_ok=True)
    path = settings.published / f"{publish_id}.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core; create schema marts")
        for seed in ("dim_kpi", "dim_cost_category", "dim_mass_class", "dim_disposition"):
            connection.execute(f"create table core.{seed} as from read_csv('{SEEDS / seed}.csv')")
        _write_headlines(connection, factor)
        _write_details(connection, factor)
    publish = Publish(
        publish_id=publish_id,
        file=path.name,
        build_id=publish_id,
        lake_version="lake",
        built_at="2026-07-01T05:00:00+00:00",
        published_at="2026-07-01T06:05:00+00:00",
        reporting_currency="CAD",
        rows={},
        sha256="",
        duckdb_version=duckdb.__version__,
    )
    settings.pointer.write_text(json.dumps(asdict(publish)))
    return publish


def _write_headlines(connection: duckdb.DuckDBPyConnection, factor: int) -> None:
    connection.execute(
        "create table marts.mart_exec_kpi (kpi_id varchar, period_month date, numerator decimal(38, 6), "
        "denominator decimal(38, 6), units_in_period bigint, coverage decimal(9, 6), as_of timestamp)"
    )
    for kpi_id, months in FIGURES.items():
        for month, (numerator, denominator) in zip(MONTHS, months, strict=True):
            coverage = "0.5" if kpi_id == "C03" and month == LOW_COVERAGE_MONTH else "0.98"
            times = factor if kpi_id == "B02" else 1
            connection.execute(
                "insert into marts.mart_exec_kpi values (?, ?, ?::decimal(38, 6) * ?, ?, 100, ?, ?)",
                [kpi_id, month, numerator, times, denominator, coverage, AS_OF],
            )


def _write_details(connection: duckdb.DuckDBPyConnection, factor: int) -> None:
    connection.execute(
        "create table marts.mart_cost_per_return as "
        "select period_month, 'WEBSHOP' as channel, category_code, component as cost_component, "
        "cast(numerator * case category_code when 'RCV' then 0.6 else 0.4 end as decimal(38, 4)) as cost_reporting "
        "from marts.mart_exec_kpi cross join core.dim_cost_category "
        "where kpi_id = 'B02' and category_code in ('RCV', 'FRT_RTN')"
    )
    connection.execute(
        "create table marts.mart_recovery as "
        "select c03.period_month, 'WEBSHOP' as channel, 'RESTOCK_NEW' as disposition_code, 90 as unit_count, "
        "c03.denominator as landed_cost_reporting, c01.numerator as gross_proceeds_reporting, "
        "c03.numerator as net_recovery_reporting "
        "from marts.mart_exec_kpi as c03 join marts.mart_exec_kpi as c01 using (period_month) "
        "where c03.kpi_id = 'C03' and c01.kpi_id = 'C01'"
    )
    classes = (
        "prevented",
        "prepared_for_reuse",
        "recycled",
        "energy_recovery",
        "disposed",
        "fate_unknown",
        "lost",
        "held",
    )
    connection.execute(
        "create table marts.mart_waste_diversion (period_month date, opening_kg decimal(38, 6), "
        "received_kg decimal(38, 6), closing_kg decimal(38, 6), "
        + ", ".join(f"{name}_kg decimal(38, 6) default 0" for name in classes)
        + ")"
    )
    for month, (opening, received, kept, recycled, closing) in zip(MONTHS, BALANCE, strict=True):
        connection.execute(
            "insert into marts.mart_waste_diversion (period_month, opening_kg, received_kg, prevented_kg, recycled_kg, "
            "closing_kg) values (?, ?, ?, ?, ?, ?)",
            [month, opening, received, kept, recycled, closing],
        )


def visit(**parameters: str) -> AppTest:
    """Open the dashboards under an address with these parameters."""
    page = AppTest.from_file(str(FRAME), default_timeout=60)
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception[0].stack_trace
    return page


def texts(page: AppTest) -> list[str]:
    """Everything that a visitor can read on the page, charts aside."""
    found: list[Any] = []
    for kind in ("title", "subheader", "markdown", "caption", "info", "error"):
        found += [element.value for element in page.get(kind)]
    for metric in page.metric:
        found += [metric.label, metric.value, metric.delta]
    found += [element.proto.body for element in page.get("html")]
    found += [element.proto.label for element in page.get("download_button")]
    for box in page.selectbox:
        found += [box.label, *box.options]
    return [text for text in found if text]
