"""The factor seeds: what was published, what it becomes per kilogram, and what is mapped to it."""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal

import pytest

from backhaul.settings import PROJECT

SEEDS = PROJECT / "dbt_project" / "seeds" / "reference"
SHORT_TON_KG = Decimal("907.18474")
KG_PER_UNIT = {"kg/t": Decimal(1) / 1000, "t/short ton": 1000 / SHORT_TON_KG}


def _rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


FACTORS = _rows("dim_emission_factor")


def test_a_factor_is_the_published_figure_per_kilogram() -> None:
    for row in FACTORS:
        exact = Decimal(row["published_value"]) * KG_PER_UNIT[row["published_unit"]]
        assert Decimal(row["kg_co2e_per_kg"]) == exact.quantize(Decimal("1e-8"), ROUND_HALF_UP), row


@pytest.mark.parametrize(
    ("factor_set", "boundary", "material", "treatment", "published"),
    [
        # figures as their sources give them, one of each table
        ("EPA_WARM_15_0", "AVOIDED", "Corrugated Containers", "RECYCLE", "-3.14"),
        ("EPA_WARM_15_0", "AVOIDED", "Steel Cans", "ENERGY_RECOVERY", "-1.59"),
        ("EPA_HUB_2025", "INVENTORY", "Corrugated Containers", "LANDFILL", "1.0"),
        ("EPA_HUB_2025", "INVENTORY", "Mixed Electronics", "ENERGY_RECOVERY", "0.96"),
        ("DESNZ_2024", "INVENTORY", "Clothing", "LANDFILL", "496.68303"),
        ("DESNZ_2024", "INVENTORY", "Commercial and industrial waste", "LANDFILL", "520.3342"),
        ("DESNZ_2024", "INVENTORY", "WEEE - mixed", "LANDFILL", "8.88386"),
    ],
)
def test_a_published_figure_is_held_as_it_is(
    factor_set: str, boundary: str, material: str, treatment: str, published: str
) -> None:
    found = [
        Decimal(row["published_value"])
        for row in FACTORS
        if (row["factor_set"], row["boundary"], row["factor_material"], row["treatment_code"])
        == (factor_set, boundary, material, treatment)
    ]
    assert found == [Decimal(published)]


def test_a_mapped_material_has_factors_in_its_set_and_boundary() -> None:
    known = {(row["factor_set"], row["boundary"], row["factor_material"]) for row in FACTORS}
    mapped = {(row["factor_set"], row["boundary"], row["factor_material"]) for row in _rows("map_factor_material")}
    assert mapped - known == set()


def test_textiles_are_never_quietly_carpet() -> None:
    """WARM has no textiles: what stands in for them says so, and natural fibres have nothing."""
    carpet = [row for row in _rows("map_factor_material") if row["factor_material"] == "Carpet"]
    assert {row["material_code"] for row in carpet} == {"POLYESTER", "POLYAMIDE", "TEXTILE"}
    assert {row["is_proxy"] for row in carpet} == {"true"}


def test_a_set_answers_one_kind_of_question_or_names_its_boundaries() -> None:
    boundaries = {
        name: {row["boundary"] for row in FACTORS if row["factor_set"] == name}
        for name in {row["factor_set"] for row in FACTORS}
    }
    assert boundaries == {
        "EPA_WARM_15_0": {"AVOIDED"}, "EPA_HUB_2025": {"INVENTORY"}, "DESNZ_2024": {"INVENTORY", "PRODUCTION"},
    }  # fmt: skip


def test_customs_headings_belong_to_one_group() -> None:
    ranges = sorted((int(row["heading_from"]), int(row["heading_to"])) for row in _rows("map_hs_espr_group"))
    for (first, last), (following, _) in zip(ranges, [*ranges[1:], (10_000, 10_000)], strict=True):
        assert first <= last < following
