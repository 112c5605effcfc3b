"""The demo business on disk: its native files, the sources that read them, and the truth beside them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from simulator import defects, headline, world
from simulator.exact import Frame, arrow, decimals
from simulator.render import easypost, fba, shop, wms
from simulator.render import files as native
from simulator.truth import Truth

UNITS = 20_000
SOURCES = [
    {"id": "fba_ca", "kind": "amazon_fba_returns", "domain": "returns"},
    {"id": "fba_us", "kind": "amazon_fba_returns", "domain": "returns"},
    {"id": "shop", "kind": "backhaul", "domain": "returns"},
    {"id": "easypost", "kind": "easypost", "domain": "carrier"},
    {"id": "wms", "kind": "wms_inventory", "domain": "inventory"},
]


def simulate(target: Path, seed: int = 1, units: int = UNITS) -> Truth:
    """Writes the demo business of a seed below ``target`` (a home) and returns its truth.

    Writes ``drop/<source>/``, ``truth/`` and, last, ``sources.yml``: a run that was cut short is simply run again.
    The same seed and number of units give the same bytes. FileExistsError when the home has sources of its own,
    ValueError for too few units.
    """
    listing = target / "sources.yml"
    if listing.exists() and (yaml.safe_load(listing.read_text("utf-8")) or {}).get("sources"):
        raise FileExistsError(
            f"{listing} already configures sources; simulate into another home (BACKHAUL_HOME), or move the file away"
        )
    drawn = world.draw(seed, units)
    truth = headline.tell(drawn)
    with native.database(drawn) as db:
        rendered = [*fba.files(db), *shop.files(db), *easypost.files(db), *wms.files(db)]
    spoiled = defects.spoil(rendered, seed)
    native.write(spoiled, target / "drop")
    _write_truth(truth, target / "truth")
    (target / "truth" / "labels.csv").write_bytes(defects.labels(spoiled))
    entries = [{**source, "from": {"type": "files", "path": f"drop/{source['id']}"}} for source in SOURCES]
    text = "# The demo business; replace the entries by your own sources.\n"
    listing.write_text(text + yaml.safe_dump({"sources": entries}, sort_keys=False), "utf-8")
    return truth


def _with_unit(frame: Frame, truth: Truth) -> pa.Table:
    """The frame as Arrow, its unit numbers replaced by unit ids (null where no unit is meant)."""
    unit = frame["unit"]
    ids = pa.array(truth.ledger["unit_id"][unit].astype(object), mask=unit < 0, type=pa.string())
    rest = arrow({name: values for name, values in frame.items() if name != "unit"})
    return rest.add_column(0, "unit_id", ids)


def _write_truth(truth: Truth, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    mass = dict(truth.mass)
    signed = mass.pop("mass_signed_mg")  # a remainder may be negative: none of them is unknown
    kilograms = decimals(signed, 18, 6, known=np.ones(len(signed), bool))
    tables = {
        "ledger": arrow(truth.ledger),
        "costs": _with_unit(truth.costs, truth),
        "recoveries": _with_unit(truth.recoveries, truth),
        "mass": _with_unit(mass, truth).append_column("mass_kg", kilograms),
    }
    for name, rows in tables.items():
        pq.write_table(rows, folder / f"{name}.parquet", compression="zstd")
    text = json.dumps(truth.headline, indent=1, sort_keys=True, ensure_ascii=False)
    (folder / "headline.json").write_text(text + "\n", "utf-8")
