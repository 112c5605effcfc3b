"""The profile of parsed batches: the few figures per batch by which the gate decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any, get_args

import duckdb

from backhaul.receipts import Change, Check
from backhaul.settings import Settings
from ingestion.changes import held_kinds
from ingestion.columns import literal, quoted
from ingestion.config import Source
from ingestion.contract import ChangeKind, load_contract
from ingestion.description import holds_documents
from ingestion.parse import Parsed

# Documents that a check names whose lines do not add up.
NAMED = 5


def check(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    source: Source,
    batches: dict[str, tuple[str, Parsed, Sequence[Change]]],
) -> dict[str, list[Check]]:
    """Profile the batches (id -> file name, result and changes) and pass them through the gate, all at once."""
    import pandas as pd

    from expectations.batches import check_batches, suite

    now = datetime.now(UTC).replace(tzinfo=None)
    frame = pd.DataFrame([_profile(con, batch_id, *batch) for batch_id, batch in batches.items()])
    for column in ("earliest_event", "latest_event"):
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]")
    share, held = _max_quarantined_share(settings, source), held_kinds(settings, source)
    return check_batches(settings, source.id, frame, suite(share, held, now))


def _max_quarantined_share(settings: Settings, source: Source) -> float:
    """Half, unless configured. A document is one record: that it holds none says nothing about others."""
    if source.max_quarantined_share is not None:
        return source.max_quarantined_share
    return 1.0 if holds_documents(settings, source) else 0.5


def _profile(
    con: duckdb.DuckDBPyConnection, batch_id: str, name: str, parsed: Parsed, changes: Sequence[Change]
) -> dict[str, Any]:
    """One row: counts, shares, range of event times (UTC) and control totals of a batch."""
    earliest: list[datetime] = []
    latest: list[datetime] = []
    repeated = 0
    totals: dict[str, str] = {}
    read = sum(written.read for written in parsed.tables.values())
    for table_name, written in parsed.tables.items():
        kind, own_name = table_name.split("__", 1)
        table = load_contract(kind).table(own_name)
        summed = [column.name for column in table.columns if column.unit in ("units", "currency", "kg")]
        sums = "".join(f", sum({quoted(column)})" for column in summed)
        [(low, high, repeats, *found)] = con.execute(
            f"SELECT min({table.event_time}), max({table.event_time}), count(*) - count(DISTINCT _record_key){sums} "
            f"FROM read_parquet({literal(str(written.path))})"
        ).fetchall()
        repeated += repeats
        earliest += [] if low is None else [_moment(low)]
        latest += [] if high is None else [_moment(high)]
        totals |= {f"{table.name}.{column}": str(value) for column, value in zip(summed, found, strict=True)}
    return {
        "batch_id": batch_id,
        "file": name,
        "rows_read": parsed.rows_read,
        "rows": parsed.rows,
        "quarantined": parsed.quarantined,
        "quarantined_share": parsed.quarantined / parsed.rows_read if parsed.rows_read else 0.0,
        "unaccounted": max(read - parsed.rows_read, 0),
        "earliest_event": min(earliest, default=None),
        "latest_event": max(latest, default=None),
        "repeated_keys": repeated,
        **{kind: sum(change.kind == kind for change in changes) for kind in get_args(ChangeKind)},
        "unequal_totals": _named(parsed.unequal_totals),
        "control_totals": str(totals),
    }


def _named(found: Sequence[str]) -> str | None:
    """The first few in words, with how many there are; None when there are none."""
    if not found:
        return None
    more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return "; ".join(found[:NAMED]) + more


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time())
