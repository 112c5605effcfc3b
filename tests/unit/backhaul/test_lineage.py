"""Lineage, and dbt's own page free of what belongs to one installation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backhaul import dbt_docs
from backhaul.lineage import Lineage
from backhaul.settings import PROJECT


def model(name: str, sql: str = "") -> dict[str, Any]:
    return {"resource_type": "model", "name": name, "raw_code": sql, "description": f"About {name}."}


def source(group: str, name: str) -> dict[str, Any]:
    return {"resource_type": "source", "source_name": group, "name": name, "description": ""}


MANIFEST = {
    "nodes": {
        "model.b.fct_measure_cost": model("fct_measure_cost", "select 'COST' union select 'COST_PLANNED'"),
        "model.b.fct_measure_unit": model("fct_measure_unit", "select 'UNITS'"),
        "model.b.fct_cost": model("fct_cost", "select 'COST'"),
        "model.b.stg_shop__costs": model("stg_shop__costs"),
    },
    "sources": {"source.b.shop.costs": source("shop", "costs"), "source.b.lake.receipt": source("lake", "receipt")},
    "parent_map": {
        "model.b.fct_measure_cost": ["model.b.fct_cost"],
        "model.b.fct_cost": ["model.b.stg_shop__costs", "model.b.fct_cost"],
        "model.b.stg_shop__costs": ["source.b.shop.costs", "source.b.lake.receipt"],
    },
}


def test_a_measure_leads_to_its_models_and_to_the_sources() -> None:
    lineage = Lineage(MANIFEST)
    [holding] = lineage.holding("COST")
    assert (holding.name, holding.description) == ("fct_measure_cost", "About fct_measure_cost.")
    assert [node.name for node in lineage.made_from(holding.unique_id)] == ["fct_cost"]
    assert [node.name for node in lineage.sources(holding.unique_id)] == ["shop.costs"]
    assert lineage.holding("PLANNED") == []
    named = lineage.named("fct_cost")
    assert named is not None
    assert named.unique_id == "model.b.fct_cost"
    assert lineage.named("fct_nothing") is None


def test_the_page_of_dbt_names_no_path_and_no_tracker(tmp_path: Path) -> None:
    tracker = 'a("https://d1fc8wv8zag5ca.cloudfront.net/2.9.0/sp.js")'
    (tmp_path / "static_index.html").write_text(f"<p>{tmp_path}/x {PROJECT}/dbt_project {tracker}</p>")
    assert dbt_docs.page(tmp_path) == '<p>/x /dbt_project a("")</p>'


def test_what_dbt_cannot_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_docs, "DBT_PROJECT", tmp_path)
    with pytest.raises(dbt_docs.DocsFailed, match=r"dbt_project\.yml"):
        dbt_docs.generate(tmp_path / "target")
