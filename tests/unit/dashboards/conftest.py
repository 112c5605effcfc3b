"""Homes for the dashboards: empty, and with the sample published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from backhaul.publishing import Publish
from backhaul.settings import Settings
from tests.unit.dashboards.sample import write_published


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """An empty home that the dashboards read."""
    monkeypatch.setenv("BACKHAUL_HOME", str(tmp_path))
    yield Settings(home=tmp_path)
    st.cache_resource.clear()


@pytest.fixture
def published(home: Settings) -> Publish:
    """The figures, published in that home."""
    return write_published(home, "20260701T060000-first")
