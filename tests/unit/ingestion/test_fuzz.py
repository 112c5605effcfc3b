"""Every kind of source is fed damaged files: none crashes it or holds it up, every row is kept or has a reason."""

from __future__ import annotations

import zlib
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from backhaul.settings import PROJECT, Settings
from ingestion.columns import Lineage
from ingestion.config import Source
from ingestion.contract import kinds
from ingestion.parse import connect, parse

# What breaks readers: quotes, ends, marks, numbers beyond every type, nesting, delimiters of every format.
TOKENS = [
    b'"', b"'", b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xe9", b"\xef\xbb\xbf", b"\xff\xfe",
    b"\x1a", b"\xc2\xa0", "\u2026".encode(), b"{", b"}", b"[", b"]", b":", b"null", b"true", b"NaN", b"[[" * 40,
    b"1e400", b"-9223372036854775809", b"99999999999999999999.99", b"0.00001", b"2026-02-30", b"0000-00-00",
    b"infinity", b"\\u0000", b"\\ud800",
    b"<", b">", b"&x;", b"]]>", b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"~", b"*", b"'?",
    b"ISA", b"SE*1*0001~", b"UNZ+9+1'", b"=cmd|' /C calc'!A0", b"\\", b"''", b'""', b"__parentId",
]  # fmt: skip
PLACE = st.integers(0, 1 << 20)
CHANGE = st.one_of(
    st.tuples(st.just("insert"), PLACE, st.sampled_from(TOKENS)),
    st.tuples(st.just("replace"), PLACE, st.sampled_from(TOKENS)),
    st.tuples(st.just("flip"), PLACE, st.binary(min_size=1, max_size=1)),
    st.tuples(st.just("delete"), PLACE, st.binary(max_size=24)),
    st.tuples(st.just("repeat"), PLACE, st.binary(max_size=40)),
    st.tuples(st.just("cut"), PLACE, st.just(b"")),
)
EXAMPLES = 100

CORPUS: dict[str, list[tuple[str, bytes]]] = {
    kind: [(path.name, path.read_bytes()) for path in sorted((PROJECT / "tests" / "data" / kind).glob("*.*"))]
    for kind in kinds()
}


def damaged(data: bytes, changes: list[tuple[str, int, bytes]]) -> bytes:
    for what, place, token in changes:
        at = place % (len(data) + 1)
        if what == "insert":
            data = data[:at] + token + data[at:]
        elif what in ("replace", "flip"):
            data = data[:at] + token + data[at + len(token) :]
        elif what == "delete":
            data = data[:at] + data[at + len(token) :]
        elif what == "repeat":
            data = data[: at + len(token)] + data[at:]
        else:
            data = data[:at]
    return data


@pytest.mark.parametrize("kind", kinds())
def test_damaged_files(tmp_path_factory: pytest.TempPathFactory, kind: str) -> None:
    corpus = CORPUS[kind]
    assert corpus, f"tests/data/{kind} holds no file to damage"
    home = tmp_path_factory.mktemp(kind)
    con = connect(Settings(home=home))
    entry = {"id": "s", "kind": kind, "domain": "returns", "from": {"type": "files", "path": "drop"}}
    source = Source.model_validate(entry)

    # deadline: no input holds a reader up for five seconds
    @seed(zlib.crc32(kind.encode()))
    @settings(max_examples=EXAMPLES, deadline=5000, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(corpus), st.lists(CHANGE, min_size=1, max_size=4))
    def run(sample: tuple[str, bytes], changes: list[tuple[str, int, bytes]]) -> None:
        check(con, home, source, sample[0], damaged(sample[1], changes))

    run()


def check(con: duckdb.DuckDBPyConnection, home: Path, source: Source, name: str, data: bytes) -> None:
    """One file through the parser: what it says it kept and quarantined stands on disk, and something came of it."""
    out, work = home / "out", home / "work"
    for folder in (out, work):
        folder.mkdir(exist_ok=True)
        for left in folder.iterdir():
            left.unlink()
    landed = home / "landed"
    landed.write_bytes(data)
    parsed = parse(
        con, Settings(home=home), source, landed, name, Lineage("s", "b", "f", "2026-01-01 00:00:00"), out, work
    )
    for written in parsed.tables.values():
        assert rows(con, written.path) == written.rows
    assert {path.stem for path in out.iterdir()} == {*parsed.tables, "quarantine"}
    assert rows(con, out / "quarantine.parquet") == parsed.quarantined


def rows(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    [(count,)] = con.execute(f"SELECT count(*) FROM read_parquet('{path}')").fetchall()
    return int(count)
