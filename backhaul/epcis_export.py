"""The published warehouse's events as one EPCIS 2.0 document in JSON-LD, written as it is read."""

from __future__ import annotations

import heapq
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb

from backhaul import receipts
from backhaul.epcis import Event, Names, Row, of_capture, of_packing, of_return, of_transformation
from backhaul.errors import Explained
from backhaul.publishing import Publish
from backhaul.reading import published
from backhaul.settings import Settings

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
ROWS = 10_000
# What a source captured as EPCIS is told as it was captured, not once more as what it was taken for.
_NOT_CAPTURED = """
    not exists (
        from core.dim_source_file as file
        where file.source_id = told.source_id and file.file_sha256 = told.file_sha256 and file.source_kind = 'epcis'
    )
"""
_RETURNS = f"""
with decided as (
    select
        md5(concat_ws('|', unit_key, type.event_type, source_table, record_key)) as event_key, disposition_code
    from core.fct_disposition
    cross join (values ('DISPOSITION_DECIDED'), ('DISPOSITION_EXECUTED')) as type(event_type)
),
graded as (
    select
        md5(concat_ws('|', unit_key, 'INSPECTED', 'backhaul__inspections', inspection_key)) as event_key,
        case when grade.is_sellable then 'sellable_accessible' else 'non_sellable_other' end as epcis_disposition
    from core.fct_inspection
    inner join core.dim_condition_grade as grade using (grade_code)
),
steps as (
    select
        told.*, decided.disposition_code, unit.serial_number, unit.lpn, unit.rma_id,
        coalesce(told.epcis_biz_step, route.epcis_biz_step) as biz_step,
        coalesce(told.epcis_disposition, route.epcis_disposition, graded.epcis_disposition) as disposition
    from core.fct_return_event as told
    inner join core.fct_return_unit as unit on unit.unit_key = told.unit_key
    left join graded on graded.event_key = told.return_event_key
    left join decided on decided.event_key = told.return_event_key
    left join core.dim_disposition as route
        on route.disposition_code = decided.disposition_code and told.event_type = 'DISPOSITION_EXECUTED'
    where told.event_at >= $start and told.event_at < $stop and {_NOT_CAPTURED}
)
select
    event_at, return_event_key as event_key, event_type, observed_at, unit_key, serial_number, lpn, rma_id, node_id,
    disposition_code, biz_step as epcis_biz_step, disposition as epcis_disposition
from steps
where
    coalesce(biz_step, disposition) is not null
    or (event_type = 'DISPOSITION_DECIDED' and disposition_code is not null)
order by event_at, event_key
"""
_PACKINGS = f"""
with moves as (
    select *, 'ADD' as action, valid_from as event_at from core.bridge_container
    union all
    select *, 'DELETE' as action, valid_to as event_at from core.bridge_container where valid_to < '9999-12-31'
)
select
    told.event_at, concat_ws('/', told.container_key, told.action, told.event_at) as event_key, told.action,
    told.container_kind, told.child_id, told.parent_id, unit.serial_number, unit.lpn, null as observed_at
from moves as told
left join core.fct_return_unit as unit on unit.unit_key = told.unit_key
where told.event_at >= $start and told.event_at < $stop and {_NOT_CAPTURED}
order by told.event_at, event_key
"""
_TRANSFORMATIONS = """
select
    told.transformed_at as event_at, concat_ws('/', told.work_order_key, told.unit_key) as event_key, told.unit_key,
    told.work_kind, told.output_serial_number, unit.serial_number, unit.lpn, null as observed_at
from core.bridge_transform as told
inner join core.fct_return_unit as unit on unit.unit_key = told.unit_key
where told.transformed_at >= $start and told.transformed_at < $stop
order by told.transformed_at, event_key
"""
_CAPTURES = """
select *, event_id as event_key
from core.fct_epcis_event
where event_at >= $start and event_at < $stop
order by event_at, event_key, epc_role, epc, epcis_event_key
"""


ORDER = itemgetter("event_at", "event_key")
QUERIES: dict[str, Callable[[list[Row], Names], Event | None]] = {
    _RETURNS: of_return,
    _PACKINGS: of_packing,
    _TRANSFORMATIONS: of_transformation,
    _CAPTURES: of_capture,
}


class CannotExportEvents(Explained):
    """The days or the file name are not what the export can use."""


@dataclass(frozen=True)
class ExportedEvents:
    """What was written, and of which publish. ``left_out`` are captured events that are not known whole."""

    publish: Publish
    file: Path
    events: int
    left_out: int

    def __str__(self) -> str:
        left = f"; {self.left_out} captured events are not known whole and were left out" if self.left_out else ""
        return f"{self.events} events of publish {self.publish.publish_id} in {self.file}{left}"


def export_events(
    settings: Settings, target: Path, first: date | None = None, last: date | None = None
) -> ExportedEvents:
    """Write the events of the days from ``first`` to ``last`` (UTC, both within) to a new file: whole, or not at all.

    Events are in the order of their times, and the same publish gives the same bytes. Memory holds some thousand rows
    and what DuckDB sorts, below its limit.

    Raises:
        CannotExportEvents: the file exists, the days end before they begin, or the publish is of an earlier version.
        NothingToPublish: nothing was published yet.
    """
    target = target.absolute()
    if target.exists():
        raise CannotExportEvents(f"{target} exists: name a file that does not exist yet.")
    if first and last and last < first:
        raise CannotExportEvents(f"The days end ({last}) before they begin ({first}).")
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with published(settings) as (publish, connection), os.fdopen(handle, "w", encoding="utf-8") as stream:
            names = Names(settings.namespace)
            head = {
                "@context": [CONTEXT, {"backhaul": f"{names.namespace}/ns/"}],
                "type": "EPCISDocument",
                "schemaVersion": "2.0",
                "creationDate": publish.published_at,
            }
            stream.write(_written(head)[:-1] + ',"epcisBody":{"eventList":[')
            written = left_out = 0
            for event in _events(connection, names, first, last):
                if event is None:
                    left_out += 1
                    continue
                stream.write((",\n" if written else "\n") + _written(event))
                written += 1
            stream.write("\n]}}\n")
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    receipts.sync(target.parent)
    return ExportedEvents(publish, target, written, left_out)


def _written(value: Event) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _events(
    connection: duckdb.DuckDBPyConnection, names: Names, first: date | None, last: date | None
) -> Iterator[Event | None]:
    """The events in the order of their times; None for each that can't be told."""
    # After the end of time no event is; a stay in a container that has not ended says it by that date.
    days = {
        "start": datetime.combine(first or date.min, time.min),
        "stop": datetime.combine(last + timedelta(days=1) if last else date.max, time.min),
    }
    streams = [
        map(partial(_told, names, tell), groupby(_rows(connection, query, days), ORDER))
        for query, tell in QUERIES.items()
    ]
    for _, event in heapq.merge(*streams, key=itemgetter(0)):
        yield event


def _told(
    names: Names, tell: Callable[[list[Row], Names], Event | None], group: tuple[tuple[Any, ...], Iterator[Row]]
) -> tuple[tuple[Any, ...], Event | None]:
    """The place of an event in the order of all, and the event that its rows tell."""
    place, rows = group
    return place, tell(list(rows), names)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, days: dict[str, datetime]) -> Iterator[Row]:
    # A connection has one result under way; a cursor is a connection of its own to the same file.
    cursor = connection.cursor()
    try:
        asked = cursor.sql(query, params=days)
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise CannotExportEvents(
            "What is published lacks columns that events need: run `backhaul build`, then again."
        ) from error
    for batch in asked.to_arrow_reader(ROWS):
        yield from batch.to_pylist()
