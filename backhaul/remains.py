"""Remains: where in the home a person still stands, by the number that sources know them by and by its salted hash.

Every file is looked into: Parquet and DuckDB files are opened, gzip is unpacked, and of everything but Parquet the
bytes themselves are searched, for a DuckDB file keeps what was deleted from it.
"""

from __future__ import annotations

import gzip
import hashlib
import mmap
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from backhaul.bar import with_bar
from backhaul.ledger import salt
from backhaul.settings import Settings

_BEFORE = "(^|[^0-9A-Za-z_.-]|(^|[^0-9A-Za-z_])[.-])"
_AFTER = "($|[^0-9A-Za-z_.-]|[.-]($|[^0-9A-Za-z_]))"
_SCALAR = r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL\(\d+,\d+\)|BOOLEAN|DATE|TIME.*|INTERVAL"


def token(*forms: str) -> str:
    """A pattern for any of the texts as a whole: not as a part of another number, nor with a hyphen or point to one.

    It means the same to Python's ``re`` and to DuckDB.
    """
    return f"{_BEFORE}({'|'.join(map(re.escape, forms))}){_AFTER}"


def forms_of(settings: Settings, ref: str) -> tuple[str, str]:
    """A customer number as sources write it, and as the warehouse keeps it (``customer_key``)."""
    return ref, hashlib.md5(f"{salt(settings)}{ref}".encode(), usedforsecurity=False).hexdigest()


def files_below(folder: Path) -> Iterator[Path]:
    """The files in a folder and below it, links left out; none when there is no folder.

    Raises ``OSError`` for one that may not be looked into: as ``Path.rglob`` does not, it would seem to be empty, and
    prove what is not so.
    """
    if folder.is_dir():
        for place, _folders, names in os.walk(folder, onerror=_refuse):
            yield from (
                path for path in (Path(place, name) for name in names) if path.is_file() and not path.is_symlink()
            )


def _refuse(error: OSError) -> None:
    # a folder that went while it was walked holds nothing
    if not isinstance(error, FileNotFoundError):
        raise error


def find(settings: Settings, ref: str) -> dict[Path, int]:
    """The files of the home that hold the person, each with how often: rows of a table, else places in the bytes."""
    pattern = token(*forms_of(settings, ref))
    files = sorted(files_below(settings.root))
    counted = {path: count(path, pattern) for path in with_bar(files, "searching the home")}
    return {path: found for path, found in counted.items() if found}


def count(path: Path, pattern: str) -> int:
    """How often the pattern stands in a file; a damaged file is searched as bytes."""
    with path.open("rb") as handle:
        head = handle.read(12)
    try:
        if head[:4] == b"PAR1":
            return _in_parquet(path, pattern)
        if head[8:12] == b"DUCK":
            return max(_in_database(path, pattern), _in_bytes(path, pattern))
        if head[:2] == b"\x1f\x8b":
            with gzip.open(path) as stream:
                return _matches(stream.read(), pattern)
    except (duckdb.IOException, duckdb.InvalidInputException, OSError, EOFError, zlib.error):
        pass
    return _in_bytes(path, pattern)


def _in_parquet(path: Path, pattern: str) -> int:
    with duckdb.connect() as con:
        return _rows(con, "read_parquet($path)", pattern, {"path": str(path)})


def _in_database(path: Path, pattern: str) -> int:
    with duckdb.connect(str(path), read_only=True) as con:
        tables = con.execute('SELECT format(\'"{}"."{}"\', schema_name, table_name) FROM duckdb_tables()').fetchall()
        return sum(_rows(con, name, pattern, {}) for (name,) in tables)


def _rows(con: duckdb.DuckDBPyConnection, relation: str, pattern: str, given: dict[str, str]) -> int:
    """Rows of a relation in which any column but numbers and times holds the pattern."""
    scalar = f"regexp_full_match(column_type, '{_SCALAR}')"
    described = con.execute(f"SELECT * FROM (DESCRIBE FROM {relation}) WHERE NOT {scalar}", given).fetchall()
    tests = [f'regexp_matches("{name}"::VARCHAR, $pattern)' for name, *_ in described]
    if not tests:
        return 0
    [(found,)] = con.execute(
        f"SELECT count(*) FROM {relation} WHERE {' OR '.join(tests)}", {**given, "pattern": pattern}
    ).fetchall()
    return int(found)


def _in_bytes(path: Path, pattern: str) -> int:
    if not path.stat().st_size:
        return 0
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _matches(data, pattern)


def _matches(data: bytes | mmap.mmap, pattern: str) -> int:
    """Without its NULs, UTF-16 of Latin text reads as text."""
    sought = re.compile(pattern.encode())
    found = sum(1 for _ in sought.finditer(data))
    if found or data.find(b"\0") < 0:
        return found
    return sum(1 for _ in sought.finditer(bytes(data[:]).replace(b"\0", b"")))


def by_place(settings: Settings, found: Sequence[dict[Path, int]]) -> Iterator[tuple[str, list[int]]]:
    """Several findings summed by folder of the home (two levels deep), for a table."""
    placed = [
        {path: "/".join(path.relative_to(settings.root).parts[:-1][:2]) or path.name for path in one} for one in found
    ]
    for place in sorted({place for one in placed for place in one.values()}):
        yield (
            place,
            [
                sum(number for path, number in one.items() if names[path] == place)
                for one, names in zip(found, placed, strict=True)
            ],
        )
