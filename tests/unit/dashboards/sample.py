"""A small published file with figures that can be checked by hand, and visits to the pages over it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
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
    "F06": [("70", "99.98"), ("60", "80"), ("50", "100"), ("90", "100"), ("40", "60"), ("30.4", "50.6")],
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
        for seed in sorted(SEEDS.glob("dim_*.csv")):
            connection.execute(f"create table core.{seed.stem} as from read_csv('{seed}')")
        _write_headlines(connection, factor)
        _write_details(connection)
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
    """The measures of the headlines by month, such that they divide to the figures, and the mart of the figures."""
    connection.execute(
        "create table core.fct_measure_month (measure_code varchar, period_month date, component varchar, "
        "channel varchar, product_category varchar, node_id varchar, carrier varchar, return_type varchar, "
        "amount decimal(38, 8), row_count bigint);"
        "create table core.fct_measure_duration (measure_code varchar, period_month date, slice_dimension varchar, "
        "slice_member varchar, median_days decimal(18, 6), p90_days decimal(18, 6));"
        f"create table core.dim_as_of as select timestamp '{AS_OF}' as as_of;"
        "create table marts.mart_exec_kpi (kpi_id varchar, period_month date, numerator decimal(38, 6), "
        "denominator decimal(38, 6), as_of timestamp)"
    )
    for place, month in enumerate(MONTHS):
        told = {kpi_id: tuple(map(Decimal, months[place])) for kpi_id, months in FIGURES.items()}
        told["B02"] = told["B02"][0] * factor, told["B02"][1]
        for kpi_id, (numerator, denominator) in told.items():
            connection.execute(
                "insert into marts.mart_exec_kpi values (?, ?, ?, ?, ?)",
                [kpi_id, month, numerator, denominator, AS_OF],
            )
        valued = 50 if month == LOW_COVERAGE_MONTH else 98
        measures = [
            ("COST_OF_RECEIVED", "RCV", told["B02"][0] * Decimal("0.6")),
            ("COST_OF_RECEIVED", "FRT_RTN", told["B02"][0] * Decimal("0.4")),
            ("UNITS_RECEIVED", None, told["B02"][1]),
            ("UNITS_RECEIVED_COSTED", None, told["B02"][1] * Decimal("0.98")),
            ("NET_RECOVERY_OF_CLOSED", "REC_SALE", told["C03"][0]),
            ("LANDED_COST_OF_CLOSED", None, told["C03"][1]),
            ("PROCEEDS_OF_CLOSED", "REC_SALE", told["C01"][0]),
            ("UNITS_CLOSED", "RESTOCK_NEW", Decimal(100)),
            ("UNITS_RECEIVED_LOCATED", None, told["B02"][1]),
            ("UNITS_CLOSED_COMPARED", None, Decimal(98)),
            ("UNITS_CLOSED_COSTED", None, Decimal(98)),
            ("UNITS_CLOSED_VALUED", None, Decimal(98)),
            ("UNITS_CLOSED_OWNED", None, Decimal(100)),
            ("UNITS_CLOSED_OWNED_VALUED", None, Decimal(valued)),
            ("UNITS_CLOSED_WEIGHED", None, Decimal(98)),
            ("KEPT_IN_USE_KG", None, told["F06"][0]),
            ("MASS_KG", "PREVENTED", Decimal(BALANCE[place][2])),
            ("MASS_KG", "RECYCLED", Decimal(BALANCE[place][3])),
            ("WASTE_DIVERTED_KG", None, told["F04a"][0]),
            ("WASTE_KG", None, told["F04a"][1]),
            ("WASTE_FACTORED_INVENTORY_KG", None, told["F04a"][1]),
        ]
        for code, component, amount in measures:
            connection.execute(
                "insert into core.fct_measure_month values "
                "(?, ?, ?, 'WEBSHOP', 'SHOES', 'YYZ', null, 'CUSTOMER_RETURN', ?, 1)",
                [code, month, component, amount],
            )


def _write_details(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table marts.mart_cost_currency as select period_month, 'CAD' as currency, channel, product_category, "
        "node_id, carrier, return_type, amount as cost_amount, amount as cost_reporting "
        "from core.fct_measure_month where measure_code = 'COST_OF_RECEIVED'"
    )
    connection.execute(
        "create table marts.mart_waste_carbon (period_month date, boundary varchar, factor_set varchar, "
        "edition varchar, treatment_code varchar, mass_kg decimal(38, 6), proxy_mass_kg decimal(38, 6), "
        "co2e_kg decimal(38, 6))"
    )
    fates = (
        "prevented", "prepared_for_reuse", "recycled", "energy_recovery", "disposed", "fate_unknown", "lost", "held",
    )  # fmt: skip
    connection.execute(
        "create table marts.mart_waste_diversion (period_month date, opening_kg decimal(38, 6), "
        "received_kg decimal(38, 6), closing_kg decimal(38, 6), "
        + ", ".join(f"{name}_kg decimal(38, 6) default 0" for name in fates)
        + ")"
    )
    for month, (opening, received, kept, recycled, closing) in zip(MONTHS, BALANCE, strict=True):
        connection.execute(
            "insert into marts.mart_waste_diversion (period_month, opening_kg, received_kg, prevented_kg, recycled_kg, "
            "closing_kg) values (?, ?, ?, ?, ?, ?)",
            [month, opening, received, kept, recycled, closing],
        )


def visit(page_name: str = "overview", **parameters: str) -> AppTest:
    """Open a page of the dashboards under an address with these parameters."""
    page = AppTest.from_file(str(FRAME), default_timeout=60)
    for name, value in parameters.items():
        page.query_params[name] = value
    if page_name != "overview":
        page.switch_page(f"{page_name}.py")
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
