"""The places that goods go through, and what the shop promises its customers: what its master data tells."""

from __future__ import annotations

import numpy as np

from simulator.catalogue import FIRST_PRICES
from simulator.exact import TEXT, Frame
from simulator.personas import Persona

_PLACES = {  # name, kind, zone
    "RC-MTL": ("Centre de retours Montréal", "RETURN_CENTRE", "America/Toronto"),
    "RC-BUF": ("Buffalo return centre", "RETURN_CENTRE", "America/New_York"),
    "RC-LIL": ("Centre de retours Lille", "RETURN_CENTRE", "Europe/Paris"),
}
_WORKSHOP = "RW-LAVAL"
_ROOM = 4_000  # units
# Montréal takes the hall next door before the January wave
_LARGER_FROM, _LARGER_ROOM = np.datetime64("2025-12-01", "D"), 6_500


def draw_nodes(persona: Persona) -> Frame:
    """One row per place of one's own and effective date; the marketplace's places are told by nobody."""
    rows = [
        (lane.node_id, *_PLACES[lane.node_id], lane.node_country, FIRST_PRICES, _ROOM)
        for lane in {lane.node_id: lane for lane in persona.lanes}.values()
    ]
    montreal = rows[0]
    rows.append((*montreal[:5], _LARGER_FROM, _LARGER_ROOM))
    rows.append((_WORKSHOP, "Atelier de Laval", "REPAIR_CENTRE", "America/Toronto", "CA", FIRST_PRICES, 800))
    names = ("node_id", "name", "node_type", "timezone", "country", "effective_from", "capacity_count")
    columns = dict(zip(names, (np.array(values) for values in zip(*rows, strict=True)), strict=True))
    return {name: values.astype(TEXT) if values.dtype.kind == "U" else values for name, values in columns.items()}


def draw_policies() -> Frame:
    """One row per policy and effective date, in CAD: what is sold in the web shop, and apart from it clothes."""
    begins = np.array([FIRST_PRICES, FIRST_PRICES, np.datetime64("2026-01-01", "D")])
    return {
        "policy_id": np.array(["STANDARD", "APPAREL", "STANDARD"]),
        "name": np.array(["Retours en ligne", "Vêtements", "Retours en ligne"], dtype=TEXT),
        "category": np.array(["", "APPAREL", ""]),
        "effective_from": begins,
        "return_days": np.array([30, 45, 30]),
        "refund_days": np.array([10, 10, 7]),
        "fee_e4": np.array([5, 0, 5]) * 10_000,
        "keep_it_limit_e4": np.array([20, 20, 15]) * 10_000,
    }
