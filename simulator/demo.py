"""The demo business on disk: its native files, the sources that read them, and the truth beside them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from simulator import defects, headline, world
from simulator.categories import CATEGORIES
from simulator.exact import TEXT, Frame, arrow, decimals, size
from simulator.render import easypost, fba, native, wms
from simulator.render import files as writing
from simulator.truth import BOOKS, Truth
from simulator.vendors import API_KEY, EVENTS

UNITS = 20_000
# EasyPost filters by creation: the life of a parcel, from its label to its last scan or refund
OVERLAP_DAYS = 60
SOURCES: list[dict[str, Any]] = [
    {"id": "fba_ca", "kind": "amazon_fba_returns", "domain": "returns"},
    {"id": "fba_us", "kind": "amazon_fba_returns", "domain": "returns"},
    {"id": "shop", "kind": "backhaul", "domain": "returns"},
    {"id": "easypost", "kind": "easypost", "domain": "carrier"},
    {"id": "wms", "kind": "wms_inventory", "domain": "inventory"},
]


class Figures(NamedTuple):
    """The truth by month, as ``headline.json`` and ``kpi.json`` hold it."""

    headline: dict[str, Any]
    kpi: dict[str, dict[str, Any]]


def has_sources(target: Path) -> bool:
    """Whether the home configures sources."""
    listing = target / "sources.yml"
    return listing.exists() and bool((yaml.safe_load(listing.read_text("utf-8")) or {}).get("sources"))


def simulate(
    target: Path,
    seed: int = 1,
    units: int = UNITS,
    persona: str = "home_improvement",
    *,
    api_port: int | None = None,
    is_daily: bool = False,
) -> Figures:
    """Writes the demo business of a seed and persona below ``target`` (a home) and returns its true figures.

    Writes ``drop/<source>/``, ``truth/`` and, last, ``sources.yml``: a run that was cut short is simply run again.
    ``is_daily`` gives every day its own files, below ``days/<day>/`` in place of ``drop/``; with ``api_port`` EasyPost
    is a source that pulls from that port of this machine. The same seed, persona and number of units give the same
    bytes. FileExistsError when the home has sources of its own, ValueError for too few units or a persona that is none.
    """
    listing = target / "sources.yml"
    if has_sources(target):
        raise FileExistsError(
            f"{listing} already configures sources; simulate into another home (BACKHAUL_HOME), or move the file away"
        )
    drawn = world.draw(seed, units, persona)
    truth = headline.tell(drawn)
    figures = Figures(truth.headline, truth.kpi)
    _write_truth(truth, target / "truth")
    del truth  # a million units need the room
    with (target / "truth" / "labels.csv").open("w", encoding="utf-8", newline="") as told:
        labels = csv.writer(told, lineterminator="\n")
        labels.writerow(defects.LABELS)
        with writing.database(drawn, is_daily=is_daily) as db:
            for file in chain(fba.files(db), native.files(db), easypost.files(db), wms.files(db)):
                spoiled = defects.spoil(file, seed)
                for part in spoiled.by_day() if is_daily else [spoiled]:
                    writing.write(part, target / (f"days/{part.arrives}" if is_daily else "drop"))
                    labels.writerows(defects.labels(part))
    text = "# The demo business; replace the entries by your own sources.\n"
    listing.write_text(text + yaml.safe_dump({"sources": _entries(api_port)}, sort_keys=False), "utf-8")
    return figures


def _entries(api_port: int | None) -> list[dict[str, Any]]:
    """The sources as ``sources.yml`` lists them."""
    entries = [{**source, "from": {"type": "files", "path": f"drop/{source['id']}"}} for source in SOURCES]
    if api_port is None:
        return entries
    platform = next(entry for entry in entries if entry["id"] == "easypost")
    events = {"type": "webhook", "path": f"inbox/{EVENTS}", "connection": EVENTS, "signature": {"style": "easypost"}}
    entries.append({**platform, "id": EVENTS, "from": events})
    platform["overlap"] = OVERLAP_DAYS
    platform["from"] = {"type": "http", "connection": API_KEY, "base_url": f"http://127.0.0.1:{api_port}/v2"}
    return entries


_AT_ONCE = 500_000


def _slices(frame: Frame, truth: Truth) -> Iterator[pa.Table]:
    """The frame as Arrow, some rows at a time, its unit numbers replaced by unit ids (null where no unit is meant)."""
    for start in range(0, max(size(frame), 1), _AT_ONCE):
        part = {name: values[start : start + _AT_ONCE] for name, values in frame.items()}
        numbers = {name: part.pop(name, None) for name in ("unit", "parcel", "book", "category")}
        signed = part.pop("mass_signed_mg", None)  # a remainder may be negative: none of them is unknown
        if (book := numbers["book"]) is not None:
            part["source"] = np.array(BOOKS, dtype=TEXT)[book]
        if (category := numbers["category"]) is not None:
            part["category_code"] = np.array(CATEGORIES, dtype=TEXT)[category]
        table = arrow(part)
        if (unit := numbers["unit"]) is not None:
            ids = arrow({"unit_id": np.where(unit < 0, "", truth.ledger["unit_id"][unit])})
            table = table.add_column(0, "unit_id", ids["unit_id"])
        if signed is not None:
            table = table.append_column("mass_kg", decimals(signed, 18, 6, known=np.ones(len(signed), bool)))
        yield table


def _write_truth(truth: Truth, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("ledger", "costs", "recoveries", "mass", "exchange"):
        slices = _slices(getattr(truth, name), truth)
        first = next(slices)
        with pq.ParquetWriter(folder / f"{name}.parquet", first.schema, compression="zstd") as writer:
            for rows in chain([first], slices):
                writer.write_table(rows)
    for name, figures in (("headline", truth.headline), ("kpi", truth.kpi)):
        text = json.dumps(figures, indent=1, sort_keys=True, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", "utf-8")
