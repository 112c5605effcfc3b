"""Work that takes a while shows a bar on a terminal, and nothing elsewhere."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backhaul import remains
from backhaul.bar import with_bar
from backhaul.settings import Settings
from ingestion import batch, compaction, profile, retention
from ingestion.compaction import Sizes
from ingestion.erasure import open_erasure


def erase(settings: Settings) -> None:
    with open_erasure(settings, "C1") as opened:
        opened.plan()
    remains.find(settings, "C1")


WORK: dict[str, tuple[Callable[[Settings], object], list[str]]] = {
    "ingest": (lambda settings: batch.ingest("wms", settings=settings), ["reading wms 0/2"]),
    "replay": (lambda settings: batch.replay("wms", settings=settings), ["reading wms 0/2"]),
    "erase": (erase, ["what wms landed 0/2", "batches of the lake 0/2", "searching the home 0/"]),
    "retention": (lambda settings: retention.expire(settings, datetime.now(UTC)), ["what wms landed 0/2"]),
    "compaction": (
        lambda settings: compaction.compact(settings, datetime.now(UTC), Sizes(least=2)),
        ["merging wms_inventory__inventory_snapshots 0/1"],
    ),
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A source with two files."""
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})
    monkeypatch.setenv("COLUMNS", "200")
    place = tmp_path / "in"
    place.mkdir()
    (tmp_path / "sources.yml").write_text(
        "sources:\n  - {id: wms, kind: wms_inventory, domain: inventory, from: {type: files, path: in}, "
        "retention_days: 9}\n"
    )
    for day in (1, 2):
        row = f"snapshot_at,node_id,sku,quantity\n2026-03-0{day}T06:00:00Z,DC1,A,1\n"
        (place / f"snapshot_{day}.csv").write_text(row)
    return Settings(home=tmp_path)


def seen(action: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> str:
    """What the action writes to a terminal, without what moves the cursor, bars, and runs of blanks."""
    ours, theirs = os.openpty()
    read: list[bytes] = []

    def take() -> None:
        while not read or not read[-1].endswith(b"\x04"):
            read.append(os.read(ours, 65536))

    reader = threading.Thread(target=take)
    reader.start()
    with os.fdopen(theirs, "w") as terminal, monkeypatch.context() as at_it:
        at_it.setattr(sys, "stderr", terminal)
        at_it.setenv("TERM", "xterm")
        action()
        terminal.write("\x04")
        terminal.flush()
        reader.join(20)
    os.close(ours)
    return " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[━╸╺]", " ", b"".join(read).decode()).split())


@pytest.mark.parametrize(("work", "labels"), WORK.values(), ids=WORK)
def test_each_long_work_has_its_bar(settings: Settings, monkeypatch, work, labels) -> None:
    if work is not WORK["ingest"][0]:
        batch.ingest("wms", settings=settings)
    text = seen(lambda: work(settings), monkeypatch)
    assert [label for label in labels if label not in text] == []


def test_elsewhere_nothing_is_shown(settings: Settings, monkeypatch, capsys) -> None:
    for work, _ in WORK.values():
        work(settings)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")


def test_items_that_nobody_counted_come_through_in_order(monkeypatch) -> None:
    taken: list[int] = []
    text = seen(lambda: taken.extend(with_bar(iter(range(3)), "pages [of a list]")), monkeypatch)
    assert taken == [0, 1, 2]
    assert "pages [of a list]" in text


def test_a_bar_ends_with_the_work_that_fails(monkeypatch) -> None:
    def fail() -> None:
        for _ in with_bar([1, 2], "one"):
            raise OSError("disk")

    def both() -> None:
        with pytest.raises(OSError, match="disk"):
            fail()
        list(with_bar([1], "two"))

    assert "two 0/1" in seen(both, monkeypatch)
