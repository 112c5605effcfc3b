"""How the suite is spread over two workers: a file's tests stay together, and what takes longest starts first."""

from __future__ import annotations

import pytest

from backhaul import telemetry

telemetry.switch_off()

_FIRST = ("e2e", "integration", "unit")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    tests = config.rootpath / "tests"
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(tests))))
    items.sort(key=lambda item: _FIRST.index(item.path.relative_to(tests).parts[0]))
