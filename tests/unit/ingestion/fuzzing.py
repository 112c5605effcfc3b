"""Damaged files for the tests: a corpus, changes to it that break readers, and a watch over what takes too long."""

from __future__ import annotations

import io
import random
import signal
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backhaul.settings import PROJECT

DATA = PROJECT / "tests" / "data"
# No input of some kilobytes may take a reader longer, whatever the machine does besides.
SECONDS = 5
# What breaks readers: quotes, ends, marks, numbers beyond every type, nesting, delimiters of every format.
TOKENS = [
    b'"', b"'", b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xe9", b"\xef\xbb\xbf", b"\xff\xfe",
    b"\x1a", b"\x1e", b"\xc2\xa0", "\u2026".encode(), b"{", b"}", b"[", b"]", b":", b"null", b"true", b"NaN",
    b"[[" * 40, b"1e400", b"-9223372036854775809", b"99999999999999999999.99", b"0.00001", b"2026-02-30",
    b"0000-00-00", b"infinity", b"\\u0000", b"\\ud800", b'{"a":1,"a":2}', b"[]", b"{}",
    b"<", b">", b"/>", b"&x;", b"]]>", b"<![CDATA[", b"<!--", b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b" a='1'", b"xmlns:",
    b"~", b"*", b"^", b"'", b"?", b"?'", b"+", b"ISA", b"SE*1*0001~", b"GE*1*1~", b"UNA:+.? '", b"UNZ+9+1'", b"UNH+",
    b"=cmd|' /C calc'!A0", b"\\", b"''", b'""', b"__parentId", b"PK\x05\x06", b"PAR1", b"\x1f\x8b",
]  # fmt: skip


@dataclass(frozen=True)
class Sample:
    name: str
    data: bytes


def samples(folder: str, *patterns: str) -> list[Sample]:
    """The files of a folder of tests/data, the ugly ones of ``fuzz`` among them."""
    return [
        Sample(path.name, path.read_bytes())
        for pattern in patterns or ("*.*",)
        for path in sorted((DATA / folder).glob(pattern))
    ]


def damaged(corpus: Sequence[Sample], seed: str, count: int) -> Iterator[Sample]:
    """The same ``count`` inputs for a seed: each file as it is, then with one to four changes."""
    chance = random.Random(seed)
    yield from corpus[:count]
    for _ in range(count - len(corpus)):
        sample = chance.choice(corpus)
        yield Sample(sample.name, _damaged(sample.data, corpus, chance))


def _damaged(data: bytes, corpus: Sequence[Sample], chance: random.Random) -> bytes:
    if data.startswith(b"PK") and chance.random() < 0.8:
        return _repacked(data, corpus, chance)
    for _ in range(chance.randint(1, 4)):
        data = _changed(data, chance.choice(corpus).data, chance)
    return data


def _changed(data: bytes, other: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(data))
    token = chance.choice(TOKENS)
    length = chance.choice((1, 2, 4, 24, 200))
    match chance.choice(("insert", "replace", "flip", "delete", "repeat", "splice", "cut")):
        case "insert":
            return data[:at] + token + data[at:]
        case "replace":
            return data[:at] + token + data[at + len(token) :]
        case "flip":
            return data[:at] + chance.randbytes(1) + data[at + 1 :]
        case "delete":
            return data[:at] + data[at + length :]
        case "repeat":
            return data[: at + length] + data[at:]
        case "splice":
            start = chance.randint(0, len(other))
            return data[:at] + other[start : start + length] + data[at:]
        case _:
            # most of the file stays, or little would be left to look at after several changes
            return data[: max(at, len(data) * 3 // 4)]


def _repacked(data: bytes, corpus: Sequence[Sample], chance: random.Random) -> bytes:
    """An archive with one member damaged and packed again: a change to the archive itself rarely gets past its sums."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        names = old.namelist()
        chosen = chance.choice(names)
        for name in names:
            member = old.read(name)
            new.writestr(name, _changed(member, chance.choice(corpus).data, chance) if name == chosen else member)
    return made.getvalue()


@contextmanager
def watched(sample: Sample, kept: Path) -> Iterator[None]:
    """The input is left in ``kept`` when it fails, or when it takes longer than it may."""

    def late(*_: object) -> None:
        raise TimeoutError(f"longer than {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    except BaseException as error:
        (kept / sample.name).write_bytes(sample.data)
        error.add_note(f"The input is {kept / sample.name}: {sample.data[:300]!r}")
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
