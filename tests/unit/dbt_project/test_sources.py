"""The dbt sources are what the contracts say."""

from __future__ import annotations

import pytest

from dbt_project.generate_sources import path_of, rendered
from ingestion.contract import kinds_with_tables, load_contract


@pytest.mark.parametrize("kind", kinds_with_tables())
def test_the_committed_sources_equal_the_contract(kind: str) -> None:
    contract = load_contract(kind)
    assert path_of(contract).read_text(encoding="utf-8") == rendered(contract), "run `make sources`"
