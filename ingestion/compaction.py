"""Compaction: the small batch files of a lake table are copied into one, which builds read in their place.

Receipts and batch directories stay as they are. A merged file is read when, and only when, a manifest names it, and the
receipts that count list every batch file for which the manifest says it stands; else those files are read themselves.
The manifest is created last and with create-if-absent, so a kill at any instant changes no row that a reader gets.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from backhaul import receipts
from backhaul.bar import with_bar
from backhaul.errors import Explained
from backhaul.ledger import compaction_lock
from backhaul.receipts import TableFile
from backhaul.settings import Settings
from ingestion.columns import literal
from ingestion.parse import connect
from ingestion.writer import BATCH_ROWS

LONGEST_READ = timedelta(days=1)
"""No build reads for longer: what none can have found for so long, none holds."""


class CannotMerge(Explained):
    """Batch files could not be copied: one is damaged or gone, or the disk refused."""


@dataclass(frozen=True)
class Sizes:
    """A file below ``small`` rows is merged, up to ``full`` rows and ``most`` files together.

    ``least`` new files are worth it; ``most`` keeps a manifest below what builds can read as one JSON document.
    """

    small: int = BATCH_ROWS
    full: int = 8 * BATCH_ROWS
    least: int = 16
    most: int = 10_000

    def is_final(self, files: Sequence[TableFile]) -> bool:
        """Whether the next small file might not fit beside these."""
        return len(files) == self.most or sum(file.rows for file in files) > self.full - self.small


@dataclass(frozen=True)
class Manifest:
    """A merged file (relative to the lake) of one lake table, and the batch files whose rows it holds, in order."""

    table: str
    file: str
    members: list[TableFile]

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        raw = json.loads(text)
        return cls(raw["table"], raw["file"], [TableFile(**member) for member in raw["members"]])

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @property
    def id(self) -> str:
        """The same batch files have the same manifest, whoever merges them."""
        return hashlib.sha256(json.dumps([self.table, *map(asdict, self.members)]).encode()).hexdigest()[:32]

    @property
    def rows(self) -> int:
        return sum(member.rows for member in self.members)


@dataclass
class CompactionReport:
    """What was merged, which manifests nobody can use any more, and the merged files that went with earlier ones."""

    merged: list[Manifest] = field(default_factory=list)
    retired: list[Manifest] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        members = sum(len(manifest.members) for manifest in self.merged)
        return (
            f"{members} small batch files of the lake merged into {len(self.merged)}, "
            f"{len(self.retired)} merged files retired, {len(self.deleted)} deleted"
        )


def compact(settings: Settings, now: datetime, sizes: Sizes | None = None) -> CompactionReport:
    """Merge the small batch files of every lake table; doing it again changes nothing.

    Merged files of which a batch was superseded, or which a larger one covers, are retired: no build finds them from
    then on, and a day later they are deleted. ``now`` is aware. Raises :class:`CannotMerge`
    and ``Busy``.
    """
    with compaction_lock(settings):
        return _compact(settings, now, sizes or Sizes())


def _compact(settings: Settings, now: datetime, sizes: Sizes) -> CompactionReport:
    report = CompactionReport()
    manifests, listed = _known(settings)
    used = in_use(manifests, {file for files in listed.values() for file in files})
    with connect(settings) as con:
        for table, files in sorted(listed.items()):
            own = [manifest for manifest in used if manifest.table == table]
            for members in with_bar(list(_packs(con, settings, files, own, sizes)), f"merging {table}"):
                report.merged += _merge(con, settings, table, members)
    _clear(settings, now, report)
    return report


def in_use(manifests: Iterable[Manifest], listed: set[TableFile]) -> list[Manifest]:
    """The manifests by which builds read: all their members are listed, and no larger one of these has any of them.

    Builds decide so in SQL, from what they read at their start (``dbt_project/macros/engine/read_receipts.sql``).
    """
    complete = [manifest for manifest in manifests if listed.issuperset(manifest.members)]
    found: list[Manifest] = []
    seen: set[TableFile] = set()
    for manifest in sorted(complete, key=lambda each: (len(each.members), each.file), reverse=True):
        if seen.isdisjoint(manifest.members):
            found.append(manifest)
        seen.update(manifest.members)
    return found


def everything(settings: Settings) -> list[Manifest]:
    """Every manifest, used or not."""
    return [Manifest.from_json(path.read_text(encoding="utf-8")) for path in receipts.listed(settings.compacted)]


def _known(settings: Settings) -> tuple[list[Manifest], dict[str, list[TableFile]]]:
    """The manifests, and by table the files with rows of the batches that count, in the order of their receipts."""
    # first, lest one that is made meanwhile names batches that were not known yet
    manifests = everything(settings)
    listed: dict[str, list[TableFile]] = {}
    for receipt in receipts.committed(settings):
        for table, file in receipt.tables.items():
            if file.rows:
                listed.setdefault(table, []).append(file)
    return manifests, listed


def _packs(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    files: Sequence[TableFile],
    used: Sequence[Manifest],
    sizes: Sizes,
) -> Iterator[list[TableFile]]:
    """The files that are to be merged, together."""
    merged = {member for manifest in used for member in manifest.members}
    final = {member for manifest in used if sizes.is_final(manifest.members) for member in manifest.members}
    small = [file for file in files if file.rows < sizes.small and file not in final]
    if sum(file not in merged for file in small) < sizes.least:
        return
    for alike in _by_schema(con, settings, small):
        for pack in _filled(alike, sizes):
            new = sum(file not in merged for file in pack)
            if new >= (1 if sizes.is_final(pack) else sizes.least):
                yield pack


def _by_schema(
    con: duckdb.DuckDBPyConnection, settings: Settings, files: Sequence[TableFile]
) -> Iterable[list[TableFile]]:
    """Files of the same columns and types together; what a build makes of several schemas stays its own affair."""
    told = "{'name': name, 'type': type, 'logical': logical_type, 'scale': scale, 'precision': precision}"
    paths = _paths(settings, files)
    found = _executed(
        con, f"SELECT file_name, list({told} ORDER BY name)::VARCHAR FROM parquet_schema({paths}) GROUP BY 1"
    )
    schemas = dict(found)
    groups: dict[str, list[TableFile]] = {}
    for file in files:
        groups.setdefault(schemas[str(settings.lake / file.file)], []).append(file)
    return groups.values()


def _filled(files: Sequence[TableFile], sizes: Sizes) -> Iterator[list[TableFile]]:
    """The files in their order, as many together as may be."""
    pack: list[TableFile] = []
    rows = 0
    for file in files:
        if rows + file.rows > sizes.full or len(pack) == sizes.most:
            yield pack
            pack, rows = [], 0
        pack.append(file)
        rows += file.rows
    yield pack


def _merge(
    con: duckdb.DuckDBPyConnection, settings: Settings, table: str, members: Sequence[TableFile]
) -> list[Manifest]:
    """Copy the rows of the members into one file and commit its manifest; none when another run did so first."""
    name = Manifest(table, "", list(members)).id
    manifest = Manifest(table, f"compacted/{name}-{secrets.token_hex(6)}.parquet", list(members))
    path = settings.lake / manifest.file
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        [(rows,)] = _executed(
            con,
            f"COPY (FROM read_parquet({_paths(settings, members)})) TO {literal(str(path))} "
            f"(FORMAT parquet, ROW_GROUP_SIZE {BATCH_ROWS})",
        )
    except CannotMerge:
        path.unlink(missing_ok=True)
        raise
    if rows != manifest.rows:
        path.unlink()
        raise CannotMerge(f"Batch files of {table} hold {rows} rows, and their receipts say {manifest.rows}.")
    receipts.sync(path)
    receipts.sync(path.parent)
    if not receipts.create(_path_of(settings, manifest), manifest.to_json()):
        path.unlink()
        return []
    return [manifest]


def _clear(settings: Settings, now: datetime, report: CompactionReport) -> None:
    """Retire what is unused, and delete what was retired, or left by a kill, so long ago that no reader holds it."""
    manifests, listed = _known(settings)
    used = in_use(manifests, {file for files in listed.values() for file in files})
    for manifest in manifests:
        if manifest not in used:
            # its time without a manifest begins
            with suppress(FileNotFoundError):
                os.utime(settings.lake / manifest.file, (now.timestamp(), now.timestamp()))
            _path_of(settings, manifest).unlink(missing_ok=True)
            report.retired.append(manifest)
    named = {path for manifest in used for path in (_path_of(settings, manifest), settings.lake / manifest.file)}
    for path in settings.compacted.iterdir() if settings.compacted.is_dir() else ():
        # another run may be clearing too
        with suppress(FileNotFoundError):
            if path not in named and now.timestamp() - path.stat().st_mtime > LONGEST_READ.total_seconds():
                path.unlink()
                report.deleted.append(path.name)


def _path_of(settings: Settings, manifest: Manifest) -> Path:
    return settings.compacted / f"{manifest.id}.json"


def _paths(settings: Settings, files: Iterable[TableFile]) -> str:
    return f"[{', '.join(literal(str(settings.lake / file.file)) for file in files)}]"


def _executed(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    try:
        return con.execute(query).fetchall()
    except duckdb.Error as error:
        raise CannotMerge(f"Batch files could not be merged; they are read one by one as before. {error}") from error
