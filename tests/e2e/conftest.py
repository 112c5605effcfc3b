"""A home of its own for each thing that runs, and the browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Page, sync_playwright

from backhaul.build import build
from backhaul.publishing import publish
from backhaul.settings import Settings
from bench.dashboards import free_ports
from expectations.marts import audit_marts
from ingestion.batch import ingest
from ingestion.config import load_sources
from simulator.demo import simulate

UNITS = 1_500


@pytest.fixture(scope="module")
def demo_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home that holds a small demo business and nothing else yet, with ports of its own."""
    airflow_port, dashboard_port = free_ports(2)
    home = tmp_path_factory.mktemp("home")
    simulate(home, seed=1, units=UNITS)
    return Settings(home=home, airflow_port=airflow_port, dashboard_port=dashboard_port)


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A published small demo business, built once however many workers ask; read it, never change it.

    ``BACKHAUL_PUBLISHED_HOME`` names one that stands already, for those who work on the pages.
    """
    if standing := os.environ.get("BACKHAUL_PUBLISHED_HOME"):
        return Settings(home=Path(standing), dashboard_port=free_ports(1)[0])
    root = tmp_path_factory.getbasetemp()
    shared = root.parent if os.environ.get("PYTEST_XDIST_WORKER") else root
    settings = Settings(home=shared / "published", dashboard_port=free_ports(1)[0])
    with FileLock(shared / "published.lock"):
        if not settings.pointer.exists():
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
        pytest.fail("No Chromium: run tools/ensure-programs, or set BACKHAUL_CHROMIUM.")
    return found


FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Visit:
    """A browser page and what it did behind the visitor's back."""

    page: Page
    base: str
    console: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        self.page.on("console", lambda said: self.console.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))
        self.page.goto(self.base + address)

    def _note(self, url: str) -> None:
        if not url.startswith((self.base, "data:", "blob:")):
            self.outside.append(url)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(server: str, browser: Browser) -> Iterator[Visit]:
    """A fresh browser window; the module says what ``server`` serves."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    yield Visit(context.new_page(), server)
    context.close()
