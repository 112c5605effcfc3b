"""Publishes under open sessions: no reader gets an error, and no page mixes two publishes."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from backhaul import publishing
from backhaul.ledger import BuildRecord, last_build, write_build
from backhaul.publishing import current, publish
from backhaul.receipts import Check
from backhaul.settings import Settings
from bench.dashboards import free_ports, serving, session

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

# a long run asks for more
PUBLISHES = int(os.environ.get("BACKHAUL_PUBLISHES", "25"))
VISITS = [("", "en"), ("cost", "fr"), ("recovery", "en"), ("waste", "fr")]
PUBLISH_ID = re.compile(r"\d{8}T\d+Z-[0-9a-f]{12}")
TENFOLD = 10


@pytest.fixture
def home(published_home: Settings, tmp_path: Path) -> Settings:
    """A home of its own over the published business."""
    settings = Settings(home=tmp_path, dashboard_port=free_ports(1)[0])
    shutil.copytree(published_home.published, settings.published)
    built = last_build(published_home)
    assert built is not None
    settings.build_db.parent.mkdir(parents=True)
    write_build(settings, built)
    return settings


@pytest.fixture
def versions(home: Settings, tmp_path: Path) -> tuple[Path, Path]:
    """The published file, and one in which every measure is tenfold."""
    now = current(home)
    assert now is not None
    plain, tenfold = tmp_path / "plain.duckdb", tmp_path / "tenfold.duckdb"
    shutil.copy(now.path(home), plain)
    shutil.copy(plain, tenfold)
    with duckdb.connect(str(tenfold)) as connection:
        connection.execute(f"update core.fct_measure_month set amount = amount * {TENFOLD}")
        connection.execute("checkpoint")
    return plain, tenfold


@pytest.fixture
def publisher(home: Settings, versions: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Makes each publish a whole one of one version or the other; says which publish is which."""
    which: dict[str, int] = {}

    def written(_settings: Settings, build: BuildRecord, candidate: Path, _before: Path | None) -> None:
        which[build.build_id] = len(which) % 2
        shutil.copy(versions[which[build.build_id]], candidate)

    monkeypatch.setattr(publishing, "write_candidate", written)
    return which


def publish_anew(home: Settings, number: int) -> str:
    """One more build, published as any other: candidate, gate, pointer, the oldest removed."""
    last = last_build(home)
    assert last is not None
    write_build(home, replace(last, build_id=f"20270101T{number:012d}Z-{'a' * 12}"))
    return publish(home, lambda _settings, _candidate, _before: [Check("there", True, "1", "fail")]).publish_id


class Visitor(threading.Thread):
    """Reads one page again and again until told to stop, and keeps what each publish showed."""

    def __init__(self, address: str, page: str, language: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.address, self.page, self.language, self.stop = address, page, language, stop
        self.seen: dict[str, list[tuple[str, ...]]] = {}
        self.errors: list[str] = []
        self.mixed: list[set[str]] = []

    def run(self) -> None:
        with session(self.address) as reader:
            while not self.stop.is_set():
                reading = reader.read(self.page, f"lang={self.language}")
                self.errors.extend(reading.errors)
                ids = {found for text in reading.texts for found in PUBLISH_ID.findall(text)}
                if len(ids) == 1:
                    # what names the publish also says when it was made
                    figures = tuple(text for text in reading.texts if not PUBLISH_ID.search(text))
                    self.seen.setdefault(ids.pop(), []).append(figures)
                else:
                    self.mixed.append(ids)


def await_readers(visitors: list[Visitor], publish_id: str) -> None:
    deadline = time.monotonic() + 120
    while not all(publish_id in visitor.seen for visitor in visitors):
        assert time.monotonic() < deadline, "somebody never saw the last publish"
        time.sleep(0.1)


def test_open_sessions_see_one_publish_at_a_time(home: Settings, publisher: dict[str, int]) -> None:
    stop = threading.Event()
    publish_anew(home, 0)
    with serving(home) as served:
        visitors = [Visitor(served.address, page, language, stop) for page, language in VISITS]
        for visitor in visitors:
            visitor.start()
        for number in range(1, PUBLISHES - 1):
            publish_anew(home, number)
        # one of each version stays until everybody has read it
        for number in (PUBLISHES - 1, PUBLISHES):
            await_readers(visitors, publish_anew(home, number))
        stop.set()
        for visitor in visitors:
            visitor.join(120)
            assert not visitor.is_alive()
    assert len(publisher) == PUBLISHES + 1
    for visitor in visitors:
        assert visitor.errors == []
        assert visitor.mixed == []
        # of each version every run of the page said the same, and the versions differ
        said = [
            {texts for publish_id, found in visitor.seen.items() if publisher[publish_id] == version for texts in found}
            for version in (0, 1)
        ]
        assert [len(each) for each in said] == [1, 1], visitor.page
        assert said[0] != said[1]
