"""A home of its own for each thing that runs, and the browser."""

from __future__ import annotations

import os
import shutil
import socket

import pytest

from backhaul.build import build
from backhaul.publishing import publish
from backhaul.settings import Settings
from expectations.marts import audit_marts
from ingestion.batch import ingest
from ingestion.config import load_sources
from simulator.demo import simulate

UNITS = 1_500


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@pytest.fixture(scope="module")
def demo_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home that holds a small demo business and nothing else yet, with ports of its own."""
    airflow_port, dashboard_port = free_ports(2)
    home = tmp_path_factory.mktemp("home")
    simulate(home, seed=1, units=UNITS)
    return Settings(home=home, airflow_port=airflow_port, dashboard_port=dashboard_port)


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A published small demo business; read it, never change it."""
    settings = Settings(home=tmp_path_factory.mktemp("published"), dashboard_port=free_ports(1)[0])
    simulate(settings.root, seed=1, units=UNITS)
    for source in load_sources(settings):
        ingest(source.id, (), settings)
    build(settings)
    publish(settings, audit_marts)
    return settings


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program; `make test` sees that there is one."""
    names = (
        os.environ.get("BACKHAUL_CHROMIUM"),
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    )
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("No Chromium: run tools/ensure-chromium, or set BACKHAUL_CHROMIUM.")
    return found
