"""The headline figures of the current publish, for the command line and the supervisor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from backhaul import formats
from backhaul.reading import published
from backhaul.settings import Settings


@dataclass(frozen=True)
class Headline:
    """One headline metric over all published months: numerator and denominator in the metric's unit."""

    kpi_id: str
    label_en: str
    label_fr: str
    unit: str
    numerator: Decimal
    denominator: Decimal
    coverage: Decimal
    first_month: date
    last_month: date
    as_of: datetime

    @property
    def value(self) -> Decimal | None:
        """Sum over sum; None without a denominator, or when no input is known."""
        return self.numerator / self.denominator if self.denominator and self.coverage else None

    def shown(self, currency: str, language: str = "en") -> str:
        """The value as people of the language write it; a dash without a denominator."""
        if self.unit == "currency":
            return formats.money(self.value, currency, formats.LOCALES[language])
        return formats.share(self.value, formats.LOCALES[language])

    def line(self, currency: str, language: str = "en") -> str:
        """Label, value, months and coverage on one line."""
        label = self.label_fr if language == "fr" else self.label_en
        months = f"{self.first_month:%Y-%m} – {self.last_month:%Y-%m}"
        coverage = formats.share(self.coverage, formats.LOCALES[language], digits=0)
        word = "couverture" if language == "fr" else "coverage"
        return f"{label} ({self.kpi_id}): {self.shown(currency, language)}  [{months}, {word} {coverage}]"


def read(settings: Settings) -> list[Headline]:
    """The metrics over all published months, in catalogue order.

    Raises:
        NothingToPublish: nothing was published yet.
    """
    with published(settings) as (_, connection):
        rows = connection.execute(
            """
            select
                kpi.kpi_id,
                catalogue.label_en,
                catalogue.label_fr,
                catalogue.unit,
                sum(kpi.numerator),
                sum(kpi.denominator),
                cast(sum(kpi.coverage * kpi.units_in_period) / sum(kpi.units_in_period) as decimal(9, 6)),
                min(kpi.period_month),
                max(kpi.period_month),
                max(kpi.as_of)
            from marts.mart_exec_kpi as kpi
            inner join core.dim_kpi as catalogue on catalogue.kpi_id = kpi.kpi_id
            group by kpi.kpi_id, catalogue.label_en, catalogue.label_fr, catalogue.unit, catalogue.sort_order
            order by catalogue.sort_order
            """
        ).fetchall()
    return [Headline(*row) for row in rows]
