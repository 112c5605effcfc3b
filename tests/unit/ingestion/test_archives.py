"""Compressed files and archives: one member is read like the file itself, several are files each, hostile ones wait."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import unpacking
from ingestion.unpacking import Unreadable, members, unpack
from tests.unit.ingestion.reading import mutated

DAY = b"snapshot_at,sku\n2026-03-01,A\n"
COMPRESSIONS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: pa.compress(data, codec="zstd", asbytes=True),
}


def zipped(*files: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return made.getvalue()


def tarred(*files: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, form: int = tarfile.PAX_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(data), kind, "/etc/passwd" if kind != tarfile.REGTYPE else ""
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def encrypted() -> bytes:
    """A ZIP archive whose only entry bears the mark of encryption, in both places where it stands."""
    data = bytearray(zipped(("day.csv", DAY)))
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + place] |= 1
    return bytes(data)


def linked() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        info = zipfile.ZipInfo("day.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return made.getvalue()


def nested(depth: int) -> bytes:
    data = DAY
    for _ in range(depth):
        data = zipped(("inner.zip", data), ("note.txt", b"x"))
    return data


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def placed(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "landed"
    path.write_bytes(data)
    return path


ONE = {
    "plain": DAY,
    **{name: compress(DAY) for name, compress in COMPRESSIONS.items()},
    **{f"tar of {name}": compress(tarred(("day.csv", DAY))) for name, compress in COMPRESSIONS.items()},
    "two gzip streams": gzip.compress(DAY[:9]) + gzip.compress(DAY[9:]),
    "zip": zipped(("day.csv", DAY)),
    "zip of lzma": zipped(("day.csv", DAY), compression=zipfile.ZIP_LZMA),
    "zip with what a system adds": zipped(("day.csv", DAY), ("__MACOSX/._day.csv", b"x"), (".DS_Store", b"x")),
    "zip with a folder": zipped(("out/", b""), ("out/day.csv", DAY)),
    "zip of a gzip": zipped(("day.csv.gz", gzip.compress(DAY))),
    "zip of a zip": zipped(("inner.zip", zipped(("day.csv", DAY)))),
    "tar": tarred(("./day.csv", DAY)),
    "old tar": tarred(("day.csv", DAY), form=tarfile.GNU_FORMAT),
}


@pytest.mark.parametrize("form", ONE)
def test_one_file_is_unpacked_whatever_it_is_wrapped_in(tmp_path, work, form):
    path = placed(tmp_path, ONE[form])
    assert unpack(path, work).read_bytes() == DAY
    assert members(path, work) == []


OTHER = DAY.replace(b",A", b",B")
SEVERAL = {
    "zip": (zipped(("a.csv", DAY), ("out\\b.csv", OTHER)), ["a.csv", "out/b.csv"]),
    "tar of gzip": (gzip.compress(tarred(("a.csv", DAY), ("b.csv", OTHER))), ["a.csv", "b.csv"]),
    "an archive inside": (
        zipped(("a.csv", DAY), ("in.tgz", gzip.compress(tarred(("b.csv", OTHER))))),
        ["a.csv", "in.tgz/b.csv"],
    ),
}


@pytest.mark.parametrize("form", SEVERAL)
def test_an_archive_of_several_gives_each_under_its_name(tmp_path, work, form):
    data, names = SEVERAL[form]
    found = members(placed(tmp_path, data), work)
    assert [(member.name, member.path.read_bytes()) for member in found] == list(zip(names, (DAY, OTHER), strict=True))


def test_a_compressed_member_stays_compressed(tmp_path, work):
    data = gzip.compress(DAY)
    found = members(placed(tmp_path, zipped(("a.csv.gz", data), ("b.csv", OTHER))), work)
    assert found[0].path.read_bytes() == data


def test_a_workbook_is_no_archive(tmp_path, work):
    data = zipped(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))
    path = placed(tmp_path, data)
    assert members(path, work) == []
    assert unpack(path, work) == path


HOSTILE = {
    "climbing": (zipped(("../day.csv", DAY)), "archive_unsafe_name"),
    "climbing with backslashes": (zipped(("out\\..\\..\\day.csv", DAY)), "archive_unsafe_name"),
    "absolute": (tarred(("/etc/day.csv", DAY)), "archive_unsafe_name"),
    "on a drive": (zipped(("C:day.csv", DAY)), "archive_unsafe_name"),
    "without a name": (zipped(("day.csv", DAY), ("b.csv", OTHER)).replace(b"day.csv", bytes(7)), "archive_unsafe_name"),
    "with a line feed": (tarred(("day\n.csv", DAY)), "archive_unsafe_name"),
    "link in a zip": (linked(), "archive_special_file"),
    "link": (tarred(("day.csv", b""), kind=tarfile.SYMTYPE), "archive_special_file"),
    "hard link": (tarred(("day.csv", b""), kind=tarfile.LNKTYPE), "archive_special_file"),
    "device": (tarred(("day.csv", b""), kind=tarfile.CHRTYPE), "archive_special_file"),
    "encrypted": (encrypted(), "encrypted"),
    "twice the same name": (tarred(("a.csv", DAY), ("./a.csv", OTHER)), "archive_duplicate_name"),
    "too deep": (nested(unpacking.MAX_DEPTH + 1), "archive_too_deep"),
    "too many": (tarred(*((f"{number}", b"") for number in range(101))), "archive_too_many"),
    "bomb": (zipped(("a", bytes(10_000_000)), ("b", bytes(10_000_000))), "unpacks_too_large"),
    "bomb in a bomb": (zipped(("a.zip", zipped(("b", bytes(20_000_000)))), ("c", b"x")), "unpacks_too_large"),
    "compressed bomb": (lzma.compress(bytes(20_000_000)), "unpacks_too_large"),
    "empty": (zipped(), "archive_empty"),
    "of hidden files only": (zipped((".DS_Store", b"x")), "archive_empty"),
    "cut zip": (zipped(("a.csv", DAY))[:-30], "archive_broken"),
    "damaged zip": (zipped(("a.csv", DAY), compression=zipfile.ZIP_STORED).replace(b",A", b",B"), "archive_broken"),
    "tar cut in a member": (tarred(("a.csv", DAY), ("b.csv", DAY * 100))[:1800], "archive_broken"),
    "tar cut between members": (tarred(("a.csv", DAY), ("b.csv", DAY))[:1024], "archive_broken"),
    "tar with a damaged header": (tarred(("a.csv", DAY), ("b.csv", DAY)).replace(b"b.csv", b"c.csv"), "archive_broken"),
    **{f"cut {name}": (compress(DAY * 99)[:-5], "broken_compression") for name, compress in COMPRESSIONS.items()},
    "several": (zipped(("a.csv", DAY), ("b.csv", OTHER)), "archive"),
}  # fmt: skip


@pytest.mark.parametrize("form", HOSTILE)
def test_what_is_hostile_or_damaged_is_named_and_leaves_nothing_outside(tmp_path, work, form, monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_MEMBERS", 100)
    data, rule = HOSTILE[form]
    path = placed(tmp_path, data)
    with pytest.raises(Unreadable) as caught:
        unpack(path, work)
    assert caught.value.rule == rule
    assert {item.name for item in tmp_path.iterdir()} == {"landed", "work"}


def test_what_the_disk_refuses_is_no_fault_of_the_file(tmp_path, work, monkeypatch):
    def refuse(*args, **options):
        raise OSError(28, os.strerror(28))

    path = placed(tmp_path, ONE["gzip"])
    monkeypatch.setattr(os, "fdopen", refuse)
    with pytest.raises(OSError, match=os.strerror(28)):
        unpack(path, work)


SAMPLES = [*ONE.values(), *(data for data, _ in SEVERAL.values())]
CUTS = st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 8), st.binary(max_size=8)), min_size=1, max_size=4)


@settings(max_examples=400, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sample=st.sampled_from(SAMPLES), cuts=CUTS)
def test_damaged_archives_never_raise_anything_else(tmp_path, work, sample, cuts):
    path = placed(tmp_path, mutated(sample, cuts))
    for action in (unpack, members):
        with suppress(Unreadable):
            action(path, work)
