"""Parsing: the landed bytes of one file into the Parquet files of a batch. Rows read = rows kept + quarantined."""

from __future__ import annotations

from pathlib import Path

import duckdb

from backhaul.settings import Settings
from ingestion.columns import Lineage, literal
from ingestion.config import Source
from ingestion.contract import load_contract
from ingestion.described import DescribedJob
from ingestion.description import description_of
from ingestion.job import Job, Parsed
from ingestion.opening import Unreadable
from ingestion.readers.structure import Fault
from ingestion.tabled import TabledJob

__all__ = ["Parsed", "connect", "parse", "version_of"]


def version_of(settings: Settings, source: Source) -> str:
    """The contract version by which this source is read now. Raises ``ContractError``."""
    description = description_of(settings, source)
    return str(load_contract(source.kind).version) if description is None else description.full_version


def connect(settings: Settings, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with the project's limits; its session is in UTC and keeps the order of files.

    With ``spill``, a folder of its own, it reads files: what does not fit into their memory goes there.
    """
    con = duckdb.connect()
    con.execute(f"SET threads = {settings.threads}; SET memory_limit = '{settings.memory_limit}'")
    if spill is not None:
        con.execute(f"SET memory_limit = '{settings.ingest_memory_limit}'; SET temp_directory = {literal(str(spill))}")
    con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
    return con


def parse(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: Source,
    landed: Path,
    name: str,
    lineage: Lineage,
    out: Path,
    work: Path,
) -> Parsed:
    """Read one landed file into ``out``: ``<kind>__<table>.parquet`` files and ``quarantine.parquet``.

    ``name`` is the file's original name; ``work`` takes temporary files. Nothing raised here is about the file's
    content: what can't be read is in quarantine, and ``blocked`` says so when that is the whole file.
    """
    description = description_of(settings, source)
    file = (con, settings, source, landed, name, lineage, out, work)
    job: Job = TabledJob(*file) if description is None else DescribedJob(*file, description)
    try:
        job.run()
    except Unreadable as problem:
        job.discard()
        job.quarantine.add(None, [Fault(1, problem.rule, None, problem.detail, None)])
        job.parsed.blocked = f"{problem.rule}: {problem.detail}"
    job.parsed.quarantined = job.quarantine.write(con, out / "quarantine.parquet")
    return job.parsed
