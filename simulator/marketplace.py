"""The marketplace's returns: sold on Amazon in Canada and the US, processed at its fulfilment centres."""

from __future__ import annotations

import numpy as np

from simulator.calendar import CUTOFF, DAY, MONTHS, arrivals, later
from simulator.catalogue import FX_FIRST
from simulator.exact import TEXT, UNKNOWN, Frame
from simulator.personas import Persona
from simulator.reasons import MARKETPLACE

PENDING = "Pending evaluation"
OVERLAP_DAYS = 7  # each monthly report begins so many days before its month
TO_INVENTORY = "Unit returned to inventory"
_FIRST_ORDER = 1_000_000_000  # orders have one number over all channels
_FOUND = ["SELLABLE", "CUSTOMER_DAMAGED", "DEFECTIVE", "DAMAGED", "CARRIER_DAMAGED"]


def draw(rng: np.random.Generator, n: int, products: Frame, persona: Persona) -> tuple[Frame, Frame]:
    """The units (one row each, ``status`` as Amazon finally gives it) and the order lines that they come from.

    Canada's times are to the second; the US account's report prints days, so its units arrive at midnight UTC.
    """
    received, us = arrivals(rng, n, 0, (6.0, 30.0)), rng.random(n) < 0.45
    # each account has a return on the 21st of each month: no report is empty, and each restates the one before
    k = np.arange(2 * len(MONTHS))
    received[k], us[k] = MONTHS[k // 2].astype("datetime64[s]") + (20 * DAY + 43_200), k % 2 == 0
    order_in_time = np.argsort(received, kind="stable")
    received, us = np.minimum(received, CUTOFF - 60)[order_in_time], us[order_in_time]
    received = np.where(us, received.astype("datetime64[D]").astype("datetime64[s]"), received)
    # a few orders bring two units of one SKU: the plate tells them apart
    shares = np.concatenate([[False], (us[1:] == us[:-1]) & (rng.random(n - 1) < 0.06)])
    order = np.cumsum(~shares) - 1
    anyones = ~np.isin(products["category"], persona.lots)  # medicines and sterile goods are not sold there
    demand = np.where(anyones, products["popularity"], 0.0)
    product = rng.choice(len(demand), n, p=demand / demand.sum())[order]
    number = np.where(us, np.char.mod("113-%07d-", 1_000_001 + order), np.char.mod("702-%07d-", 1_000_001 + order))
    order_id = np.char.add(number, np.char.mod("%07d", (order * 104_729) % 9_999_991))
    found = rng.choice(_FOUND, n, p=[0.62, 0.14, 0.13, 0.07, 0.04])
    reimbursed = (found == "DAMAGED") | (found == "CARRIER_DAMAGED")
    repackaged = (found == "SELLABLE") & (rng.random(n) < 0.12)
    status = np.where(found == "SELLABLE", TO_INVENTORY, "Unit returned to seller stock").astype("U40")
    status[repackaged] = "Repackaged Successfully"
    status[reimbursed] = "Reimbursed"
    # the report shows a decision some days late; near the cutoff it is still open
    decided_after = rng.integers(0, OVERLAP_DAYS * DAY, n)
    status[received + decided_after >= CUTOFF] = PENDING
    units: Frame = {
        "lpn": np.char.mod("LPNRR%09d", 200_000_000 + rng.permutation(n) * 31),
        "is_us": us,
        "order": _FIRST_ORDER + order,
        "order_id": order_id,
        "product": product,
        "received_at": received,
        "decided_after": decided_after,
        "found": found,
        "reason_code": rng.choice(list(MARKETPLACE), n),
        "status": status,
        "node_id": np.where(us, rng.choice(["PHX7", "LEX2", "IND9"], n), rng.choice(["YYZ4", "YVR2", "YUL5"], n)),
    }
    first = np.flatnonzero(~shares)
    # the sale of one order in 150 is older than the export
    sold = first[rng.random(len(first)) >= 1 / 150]
    ordered = received[sold] - later(rng, np.zeros(len(sold), "datetime64[s]"), 2.0, 22, 6 * DAY).astype(np.int64)
    ordered = np.maximum(ordered, FX_FIRST.astype("datetime64[s]") + DAY)
    shipped = np.minimum(later(rng, ordered, 2.0, 0.8), received[sold] - 2 * DAY)
    sales: Frame = {
        "order": _FIRST_ORDER + order[sold],
        "order_id": order_id[sold],
        "order_line": np.full(len(sold), "1"),
        "ordered_at": ordered,
        "shipped_at": shipped,
        "delivered_at": np.minimum(later(rng, shipped, 2.0, 1.5), received[sold] - DAY),
        "product": product[sold],
        "quantity": np.bincount(order)[order[sold]],
        "currency": np.where(us[sold], "USD", "CAD"),
        "unit_landed_e4": np.where(rng.random(len(sold)) < 0.02, rng.integers(80_000, 900_000, len(sold)), UNKNOWN),
        "channel": np.where(us[sold], "AMAZON_US", "AMAZON_CA"),
        "ship_to_country": np.where(us[sold], "US", "CA"),
        "customer_ref": np.full(len(sold), "", dtype=TEXT),
    }
    return units, sales
