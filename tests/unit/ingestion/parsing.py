"""Parse one file in a test: bytes in, rows and quarantine out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from backhaul.settings import Settings
from ingestion.columns import Lineage
from ingestion.config import Source
from ingestion.parse import Parsed, connect, parse


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
