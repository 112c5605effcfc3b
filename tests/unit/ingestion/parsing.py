"""Parse one file in a test: bytes in, rows and quarantine out."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from backhaul.settings import Settings
from ingestion.columns import Lineage
from ingestion.config import Source
from ingestion.parse import Parsed, connect, parse

TESTS = Path(__file__).resolve().parents[2]
SHARED = TESTS.parent.parent / "shared" / "data"


@dataclass
class Outcome:
    parsed: Parsed
    out: Path

    def rows(self, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
        file = self.out / f"{table}.parquet"
        return duckdb.sql(f"SELECT {columns} FROM read_parquet('{file}') ORDER BY _row, _path").fetchall()

    def quarantine(self, columns: str = "_row, rule, column_name") -> list[tuple[Any, ...]]:
        return duckdb.sql(
            f"SELECT {columns} FROM read_parquet('{self.out}/quarantine.parquet') ORDER BY _row"
        ).fetchall()

    @cached_property
    def landed(self) -> dict[int, list[str]]:
        """By row of the file, where its records went: native tables, and rules with the column that broke them."""
        found: dict[int, list[str]] = {}
        for name in self.parsed.tables:
            for row, is_withdrawn in self.rows(name, "_row, _withdrawn"):
                place = name.removeprefix("backhaul__") + (" withdrawn" if is_withdrawn else "")
                found.setdefault(row, []).append(place)
        for row, rule, column in self.quarantine():
            found.setdefault(row, []).append(f"{rule} {column or ''}".strip())
        return {row: sorted(places) for row, places in found.items()}

    @property
    def counts(self) -> tuple[dict[str, int], dict[str, int]]:
        """Rows by native table, and faults by rule; rows that withdraw a record count among these, as ``withdrawn``."""
        tables: Counter[str] = Counter()
        faults = Counter(rule for (rule,) in self.quarantine("rule"))
        for name in self.parsed.tables:
            for (is_withdrawn,) in self.rows(name, "_withdrawn"):
                faults["withdrawn"] += is_withdrawn
                tables[name.removeprefix("backhaul__")] += not is_withdrawn
        return dict(+tables), dict(+faults)


def golden(kind: str, name: str) -> bytes:
    """A small file of our own in the shape of that kind."""
    return (TESTS / "data" / kind / name).read_bytes()


def lines_of(values: Iterable[Any]) -> bytes:
    """Values as JSON, a line each."""
    return "".join(json.dumps(value) + "\n" for value in values).encode()


def edited(value: Any, changes: Mapping[str, Any]) -> Any:
    """A copy of a JSON value with other values at some paths (keys and indexes joined by dots); ``...`` drops one."""
    made = copy.deepcopy(value)
    for path, new in changes.items():
        *way, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
        node = made
        for step in way:
            node = node[step]
        if new is ...:
            del node[last]
        else:
            node[last] = new
    return made


def parse_bytes(tmp_path: Path, kind: str, name: str, data: bytes, source_id: str = "s", **options: Any) -> Outcome:
    """Parse ``data`` as a file of that kind and name; ``options`` are entries of sources.yml."""
    settings = Settings(home=tmp_path / "home")
    entry = {"id": source_id, "kind": kind, "domain": "returns", "from": {"type": "files", "path": "drop"}, **options}
    number = len(list(tmp_path.glob("out*")))
    out, work = tmp_path / f"out{number}", tmp_path / f"work{number}"
    out.mkdir()
    work.mkdir()
    landed = work / "landed"
    landed.write_bytes(data)
    lineage = Lineage(source_id, "b" * 32, "f" * 64, "2026-01-01 00:00:00")
    with connect(settings) as con:
        parsed = parse(con, settings, Source.model_validate(entry), landed, name, lineage, out, work)
    return Outcome(parsed, out)
