"""Inference: what a sample file most likely is, a kind that is known or a description to begin with.

What is guessed is said, never assumed: a description is written for a person to read, and a preview shows what it does.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from backhaul.errors import Explained
from backhaul.settings import Settings
from ingestion.columns import Lineage, literal
from ingestion.config import Source
from ingestion.contract import NATIVE, Options, Table, kinds, load_contract
from ingestion.opening import Text, Unreadable, open_text
from ingestion.parse import Parsed, connect, parse
from ingestion.readers import native, workbook
from ingestion.readers.delimited import normal, read_header
from ingestion.unpacking import is_workbook, unpack

SAMPLE = 4 * 1024 * 1024
SAMPLE_ROWS = 1000
DELIMITERS = ",;\t|"
STYLES = {
    "%d/%m/%Y": r"\d{1,2}/\d{1,2}/\d{4}",
    "%m/%d/%Y": r"\d{1,2}/\d{1,2}/\d{4}",
    "%d.%m.%Y": r"\d{1,2}\.\d{1,2}\.\d{4}",
    "%Y%m%d": r"(19|20)\d{6}",
    "%d-%b-%Y": r"\d{1,2}-[A-Za-z]{3}-\d{4}",
    "%d-%b-%y": r"\d{1,2}-[A-Za-z]{3}-\d{2}",
    "%d/%m/%Y %H:%M": r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}",
    "%m/%d/%Y %H:%M": r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}",
    "%d/%m/%Y %H:%M:%S": r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2}",
    "%m/%d/%Y %H:%M:%S": r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}:\d{2}",
}
SYNONYMS = Path(__file__).with_name("synonyms.yml")


class NothingInferred(Explained):
    """The file is no table that can be guessed at; the message says why."""


@dataclass(frozen=True)
class Preview:
    """What a source would do with a file: the parse, and a few rows of each table and of the quarantine."""

    parsed: Parsed
    tables: dict[str, tuple[list[str], list[tuple[Any, ...]]]]
    quarantine: list[tuple[Any, ...]]
    rules: dict[str, int]


@dataclass(frozen=True)
class Guess:
    """A description to begin with, the native table that it fills, and what a person should look at."""

    kind: str
    body: dict[str, Any]
    table: str
    notes: list[str]


def sample(path: Path, folder: Path) -> Path:
    """The file, or its head: its first whole lines when it is large and plain text, of a workbook its first rows."""
    with path.open("rb") as opened:
        head = opened.read(SAMPLE)
    if head[:2] == b"PK":
        return _head_of_workbook(path, folder / path.name)
    if len(head) < SAMPLE or b"\0" in head[:4096] or head[:2] == b"\x1f\x8b" or head[:4] == b"PAR1":
        return path
    target = folder / path.name
    target.write_bytes(head[: head.rfind(b"\n") + 1])
    return target


def _head_of_workbook(path: Path, target: Path) -> Path:
    """Its head, if it is a workbook that can be read; else the file itself, and reading it says why not."""
    try:
        if is_workbook(path):
            workbook.write_head(path, target, SAMPLE_ROWS)
            return target
    except Unreadable:
        pass
    return path


def preview(settings: Settings, source: Source, path: Path, shown: int = 5) -> Preview:
    """Parse a file as the source would, keep nothing. Raises ``ContractError``."""
    with _folder() as folder:
        out, work = folder / "out", folder / "work"
        out.mkdir()
        work.mkdir()
        lineage = Lineage(source.id, "preview", "preview", "1970-01-01 00:00:00")
        with connect(settings) as con:
            parsed = parse(con, settings, source, sample(path, folder), path.name, lineage, out, work)
            tables = {name: _rows(con, written.path, shown) for name, written in parsed.tables.items()}
            faults = literal(str(out / "quarantine.parquet"))
            rules = con.execute(
                f"SELECT rule, count(*) FROM read_parquet({faults}) GROUP BY ALL ORDER BY 2 DESC, 1"
            ).fetchall()
            rows = con.execute(
                "SELECT _row, rule, column_name, detail, raw_text "
                f"FROM read_parquet({faults}) ORDER BY _row LIMIT {shown}"
            ).fetchall()
    return Preview(parsed, tables, rows, dict(rules))


def fitting_kinds(settings: Settings, path: Path) -> list[tuple[str, Parsed]]:
    """The kinds that take rows of the file, those that take most of it first."""
    found = []
    for kind in kinds():
        entry = {"id": "sample", "kind": kind, "domain": "returns", "from": {"type": "files", "path": str(path)}}
        source = Source.model_validate(entry)
        parsed = preview(settings, source, path, 0).parsed
        if parsed.rows and not parsed.blocked:
            found.append((kind, parsed))
    return sorted(found, key=lambda fit: (fit[1].quarantined / fit[1].rows_read, -fit[1].rows))


def guess(path: Path) -> Guess:
    """A description of a table in text, a workbook, JSON lines or Parquet. Raises :class:`NothingInferred`."""
    with _folder() as folder:
        try:
            plain = unpack(sample(path, folder), folder)
            if native.is_parquet(plain):
                return _guessed("sql", f"read_parquet({literal(str(plain))})", native.parquet(plain).names, {})
            if is_workbook(plain):
                sheet = workbook.read_undescribed(plain, folder)
                return _guessed_lines("xlsx", sheet.text, sheet.options, {})
            text = open_text(plain, folder, Options().encodings)
            if native.is_json_value(text):
                listed = f"read_json({literal(str(text.path))}, convert_strings_to_integers=false)"
                names = [name for name, *_ in duckdb.execute(f"DESCRIBE SELECT * FROM {listed}").fetchall()]
                return _guessed("ndjson", listed, names, {})
            return _guessed_text(text)
        except Unreadable as problem:
            raise NothingInferred(f"{path.name}: {problem.detail} ({problem.rule}).") from problem
        except duckdb.Error as problem:
            raise NothingInferred(f"{path.name}: it is no table ({str(problem).splitlines()[0]}).") from problem


def _guessed_text(text: Text) -> Guess:
    with text.path.open(encoding="utf-8") as lines:
        heads = [line for _, line in zip(range(20), lines, strict=False) if line.strip()]
    if not heads:
        raise NothingInferred("The file is empty.")
    delimiter = max(DELIMITERS, key=lambda mark: (min(line.count(mark) for line in heads), heads[0].count(mark)))
    encoding = "utf-8" if text.encoding == "ascii" else text.encoding
    told = {"delimiter": delimiter, "encodings": [encoding]}
    return _guessed_lines("delimited", text, Options(delimiter=delimiter), told)


def _guessed_lines(kind: str, text: Text, options: Options, told: dict[str, Any]) -> Guess:
    names = read_header(text, options) or ()
    if len(names) < 2:
        raise NothingInferred("The file has one column only: describe it by hand (docs/how-to/describe-a-file.md).")
    source = (
        f"read_csv({literal(str(text.path))}, all_varchar=true, header=true, delim={literal(options.delimiter)}, "
        "ignore_errors=true, null_padding=true)"
    )
    return _guessed(kind, source, names, told)


def _guessed(kind: str, source: str, names: Sequence[str], options: dict[str, Any]) -> Guess:
    notes: list[str] = []
    columns = list(_columns(source, names, notes))
    table, mapping = _best_table([column["name"] for column in columns])
    absent = [name for name in table.required if name not in mapping]
    body: dict[str, Any] = {"version": 1, **({"options": options} if options else {}), "columns": columns}
    body["routes"] = [{"reason": "not_mapped_yet"}] if absent else [{"table": table.name, "map": mapping}]
    if absent:
        told = ", ".join(f"{native}: {own}" for native, own in mapping.items())
        notes.append(f"perhaps {table.name} ({told}), which also needs {', '.join(absent)}: write the route")
    unused = [column["name"] for column in columns if column["name"] not in mapping.values()]
    if unused:
        notes.append(f"kept in extra, mapped nowhere: {', '.join(unused)}")
    return Guess(kind, body, table.name, notes)


def _columns(source: str, names: Sequence[str], notes: list[str]) -> Iterator[dict[str, Any]]:
    con = duckdb.connect()
    con.execute(f"CREATE TABLE sample AS SELECT * FROM {source}")
    held = [name for name, *_ in con.execute("DESCRIBE sample").fetchall()]
    taken: Counter[str] = Counter()
    for printed, column in zip(names, held, strict=False):
        name = re.sub(r"[^a-z0-9]+", "_", _plain(printed)).strip("_") or "column"
        name = name if name[0].isalpha() else f"c_{name}"
        taken[name] += 1
        if taken[name] > 1:
            name = f"{name}_{taken[name]}"
        quoted = '"' + column.replace('"', '""') + '"'
        values = f"FROM sample WHERE {quoted} IS NOT NULL AND {quoted}::VARCHAR <> ''"
        yield {"name": name, "aliases": [printed], **_type(con, f"{quoted}::VARCHAR", values, name, notes)}
    con.close()


def _type(con: duckdb.DuckDBPyConnection, value: str, values: str, name: str, notes: list[str]) -> dict[str, Any]:
    """The narrowest type that every value of a column has."""

    def holds(test: str) -> bool:
        [(found, count)] = con.execute(f"SELECT coalesce(bool_and({test}), false), count(*) {values}").fetchall()
        return bool(found and count)

    if holds(f"regexp_full_match({value}, '-?(0|[1-9]\\d{{0,11}})')"):
        styles = [style for style in ("%Y%m%d",) if holds(_fits(value, style)) and "date" in name]
        return {"type": "date", "formats": styles} if styles else {"type": "integer"}
    if holds(f"try_cast({value} AS DECIMAL(18, 4)) IS NOT NULL AND NOT regexp_matches({value}, '^0\\d')"):
        return {"type": "decimal"}
    if holds(f"regexp_full_match({value}, '-?(0|[1-9]\\d*)(,\\d\\d?)?')"):
        return {"type": "decimal", "decimal_comma": "cents"}
    if holds(f"{value} BETWEEN '0' AND ':' AND try_cast({value} AS DATE) IS NOT NULL AND length({value}) = 10"):
        return {"type": "date", "formats": ["iso"]}
    if holds(f"{value} BETWEEN '0' AND ':' AND try_cast({value} AS TIMESTAMPTZ) IS NOT NULL"):
        notes.append(f"{name}: times without an offset are read as UTC; say `timezone:` if they are local")
        return {"type": "timestamp", "formats": ["iso"]}
    styles = [style for style in STYLES if holds(_fits(value, style))]
    if styles:
        if len(styles) > 1:
            notes.append(f"{name}: day and month can't be told apart ({' or '.join(styles)}); {styles[0]} is assumed")
        return {"type": "timestamp" if "%H" in styles[0] else "date", "formats": styles[:1]}
    if holds(f"lower({value}) IN ('true', 'false')"):
        return {"type": "boolean"}
    return {"type": "string"}


def _fits(value: str, style: str) -> str:
    return (
        f"regexp_full_match({value}, {literal(STYLES[style])}) AND try_strptime({value}, {literal(style)}) IS NOT NULL"
    )


def _best_table(names: Sequence[str]) -> tuple[Table, dict[str, str]]:
    """The native table most of whose required columns the names give, and the mapping."""
    fits = [(table, _mapping(table, names)) for table in load_contract(NATIVE).tables]
    return max(fits, key=lambda fit: _score(*fit))


def _score(table: Table, mapping: dict[str, str]) -> tuple[float, int]:
    required = [name in mapping for name in table.required]
    return sum(required) / len(required), len(mapping)


def _mapping(table: Table, names: Sequence[str]) -> dict[str, str]:
    known = {_plain(name): name for name in names}
    synonyms: dict[str, list[str]] = yaml.safe_load(SYNONYMS.read_text(encoding="utf-8"))
    mapping: dict[str, str] = {}
    for column in table.columns:
        words = map(_plain, (column.name, *column.aliases, *synonyms.get(column.name, ())))
        free = (known[word] for word in words if word in known and known[word] not in mapping.values())
        if (found := next(free, None)) is not None:
            mapping[column.name] = found
    return mapping


def _plain(name: str) -> str:
    """A name as it is compared, without accents."""
    folded = unicodedata.normalize("NFKD", normal(name))
    return "".join(mark for mark in folded if not unicodedata.combining(mark))


def as_yaml(guessed: Guess) -> str:
    """The description as a file, its notes as comments."""
    notes = "".join(f"# - {note}\n" for note in guessed.notes)
    head = f"# Inferred from a sample; read it before you trust it.\n{notes}"
    return head + yaml.safe_dump(guessed.body, sort_keys=False, allow_unicode=True, width=118)


def _rows(con: duckdb.DuckDBPyConnection, path: Path, shown: int) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns of a table file that hold a value, and its first rows."""
    found = con.execute(f"SELECT * EXCLUDE (extra) FROM read_parquet({literal(str(path))}) LIMIT {shown}")
    names = [column[0] for column in found.description or ()]
    rows = found.fetchall()
    kept = [index for index, name in enumerate(names) if name[0] != "_" and any(row[index] is not None for row in rows)]
    return [names[index] for index in kept], [tuple(row[index] for index in kept) for row in rows]


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="backhaul-sample-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
