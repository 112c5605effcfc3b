"""From a figure to its rows: the source records whose amounts add up to a metric of a month, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from backhaul.errors import Explained
from backhaul.reading import published
from backhaul.settings import Settings


class UnknownFigure(Explained):
    """There is no such metric, month or component; the message lists what there is."""


@dataclass(frozen=True)
class SourceRecord:
    """What one record of a landed file gives to a figure.

    ``row`` is 1-based, header not counted; ``path`` is the place inside it, for rows nested in a JSON document.
    """

    source_id: str
    file: str
    landing: str
    row: int
    path: str | None
    table: str
    component: str | None
    units: int
    amount: Decimal


@dataclass(frozen=True)
class Trace:
    """A figure's side (numerator or denominator) with the records it is made of.

    ``total`` is the published figure; None where none is published: a denominator's component, a sum's denominator.
    """

    kpi_id: str
    month: date
    role: str
    component: str | None
    total: Decimal | None
    records: list[SourceRecord]

    @property
    def traced(self) -> Decimal:
        return sum((record.amount for record in self.records), Decimal(0))

    @property
    def adds_up(self) -> bool:
        return self.total is None or self.traced == self.total


def trace(settings: Settings, kpi_id: str, month: date, role: str = "NUMERATOR", component: str | None = None) -> Trace:
    """The records behind one side of a metric in one month.

    Args:
        settings: the installation.
        kpi_id: a metric of the catalogue, for example B02.
        month: any day of the month.
        role: NUMERATOR or DENOMINATOR.
        component: one component only (a cost category, a mass class); all by default.

    Raises:
        UnknownFigure: nothing is published under that metric, month or component.
        NothingToPublish: nothing was published yet.
    """
    month, role = month.replace(day=1), role.upper()
    if role not in {"NUMERATOR", "DENOMINATOR"}:
        raise UnknownFigure(f"The role is numerator or denominator, not {role.lower()!r}.")
    wanted: dict[str, Any] = {"kpi_id": kpi_id, "month": month, "role": role, "component": component}
    with published(settings) as (_, connection):
        row = connection.execute(
            "select case when $role = 'NUMERATOR' then numerator else denominator end from core.fct_kpi "
            "where kpi_id = $kpi_id and period_month = $month and slice_dimension = 'ALL'",
            {key: wanted[key] for key in ("role", "kpi_id", "month")},
        ).fetchone()
        if row is None:
            known = connection.execute(
                "select kpi_id || ' ' || strftime(min(period_month), '%Y-%m') || ' to ' "
                "|| strftime(max(period_month), '%Y-%m') "
                "from core.fct_kpi group by kpi_id order by kpi_id"
            ).fetchall()
            listed = "; ".join(row[0] for row in known)
            raise UnknownFigure(f"No figure {kpi_id} in {month:%Y-%m}. There are: {listed}.")
        records = connection.execute(
            """
            select
                contribution.source_id,
                coalesce(file.file_name, contribution.file_sha256),
                coalesce(file.landing_path, ''),
                contribution.source_row,
                contribution.source_path,
                contribution.source_table,
                contribution.component,
                count(distinct contribution.unit_key),
                sum(contribution.amount)
            from marts.mart_kpi_contribution as contribution
            left join core.dim_source_file as file
                on file.source_id = contribution.source_id and file.file_sha256 = contribution.file_sha256
            where
                contribution.kpi_id = $kpi_id
                and contribution.period_month = $month
                and contribution.kpi_role = $role
                and ($component is null or contribution.component = $component)
            group by all
            order by 2, 4, 5, 6, 7
            """,
            wanted,
        ).fetchall()
        figure = row[0] if component is None else _component_figure(connection, wanted)
    found = [SourceRecord(*record) for record in records]
    if component is not None and not found:
        raise UnknownFigure(f"{kpi_id} has no component {component!r} in {month:%Y-%m}.")
    return Trace(kpi_id, month, role, component, figure, found)


def _component_figure(connection: duckdb.DuckDBPyConnection, wanted: dict[str, Any]) -> Decimal | None:
    """What is published of a component: only numerators are split."""
    if wanted["role"] != "NUMERATOR":
        return None
    row = connection.execute(
        "select numerator from core.fct_kpi where kpi_id = $kpi_id and period_month = $month "
        "and slice_dimension = 'COMPONENT' and slice_member = $component",
        {key: wanted[key] for key in ("kpi_id", "month", "component")},
    ).fetchone()
    return None if row is None else row[0]
