"""Read one file by a reader of documents in a test: bytes in, documents and faults out."""

from __future__ import annotations

import tempfile
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from ingestion.opening import Text, Unreadable, open_text
from ingestion.readers.document import Document
from ingestion.readers.structure import Fault

Reader = Callable[[Text], Iterator[Document | Fault]]
# A limit against endless work, far above what any of these files needs.
SECONDS = 5


def read_units(reader: Reader, data: str | bytes) -> list[Document | Fault]:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        work.mkdir()
        landed = Path(folder) / "landed"
        landed.write_bytes(data if isinstance(data, bytes) else data.encode())
        return list(reader(open_text(landed, work, ("utf-8", "cp1252"))))


def peak_of(reader: Reader, data: bytes, folder: Path) -> int:
    """The most bytes of Python objects that were alive while a file was read, each unit let go when the next came."""
    landed = folder / "landed"
    landed.write_bytes(data)
    # once before, for what is loaded and cached on first use
    deque(reader(Text(landed, "ascii")), maxlen=0)
    tracemalloc.start()
    try:
        deque(reader(Text(landed, "ascii")), maxlen=0)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def values(units: list[Document | Fault]) -> list[object]:
    return [unit.value for unit in units if isinstance(unit, Document)]


def rules(units: list[Document | Fault]) -> list[str | None]:
    """Per unit the rule it breaks, None for a document."""
    return [unit.rule if isinstance(unit, Fault) else None for unit in units]


def mutated(sample: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    """The sample with parts of it replaced: (position, length, bytes), positions taken modulo its length."""
    for position, length, put in cuts:
        start = position % (len(sample) + 1)
        sample = sample[:start] + put + sample[start + length :]
    return sample


def never_raises(reader: Reader, data: bytes) -> None:
    """Whatever the bytes are, they give units with rows 1, 2, 3, … and raw texts, or are Unreadable, in time."""
    started = time.monotonic()
    try:
        units = read_units(reader, data)
    except Unreadable:
        units = []
    assert time.monotonic() - started < SECONDS
    assert [unit.row for unit in units] == list(range(1, len(units) + 1))
    for unit in units:
        if isinstance(unit, Fault):
            assert unit.text is not None
            assert "\0" not in unit.text
