"""Return consignments: what travels, or just arrives, together; with its label and what the carrier did to it."""

from __future__ import annotations

import numpy as np

from simulator.calendar import CUTOFF, DAY, arrivals, known, later
from simulator.catalogue import in_currency
from simulator.exact import NAT, TEXT, UNKNOWN, Array, Frame, take
from simulator.personas import Persona, Shares

REFUND_AFTER = np.timedelta64(20, "D")  # when the carrier takes an unused label back
_ON_ACCOUNT = 1 / 3  # labels on an account of one's own, billed by invoice


def choose(rng: np.random.Generator, n: int, shares: Shares) -> Array:
    """``n`` keys of ``shares``, drawn by their weight."""
    weights = np.array(list(shares.values()))
    return rng.choice(list(shares), n, p=weights / weights.sum())


def draw(rng: np.random.Generator, n: int, persona: Persona) -> Frame:
    """One row per consignment that begins before the cutoff, in order of arrival.

    ``flow`` and ``lane`` are places in the persona's lists. ``fate``: '' arrives, NO_SHOW, LOST, REFUSED at the dock.
    No ``tracking_number``: nobody made a label. ``on_account``: the label is billed by invoice, else it was bought
    through the platform. ``label_e4``: price bought or quoted. ``declared_mg``, ``billed_mg``: of the parcel.
    """
    flow = rng.choice(len(persona.flows), n, p=normal([f.share for f in persona.flows]))
    lane = rng.choice(len(persona.lanes), n, p=normal([lane.share for lane in persona.lanes]))
    asked = np.array([f.is_asked for f in persona.flows])[flow]
    far = np.array([lane.country != "CA" for lane in persona.lanes])[lane]
    crosses = np.array([lane.country != lane.node_country for lane in persona.lanes])[lane]
    currency = np.array([lane.currency for lane in persona.lanes])[lane]

    received = np.sort(arrivals(rng, n, 14, (12.5, 27.0)))
    delivered = received - np.rint(rng.uniform(0.1, 1.4, n) * DAY).astype(np.int64)
    transit = np.rint((1.5 + rng.gamma(2.2, np.where(far, 2.4, 1.7), n)) * DAY).astype(np.int64)
    first_scan = delivered - transit
    dwell = np.rint(np.clip(rng.lognormal(np.log(5), 0.7, n), 0.2, 30) * DAY).astype(np.int64)
    label_at = first_scan - dwell
    fate = rng.choice(["", "NO_SHOW", "LOST", "REFUSED"], n, p=[0.929, 0.058, 0.007, 0.006])
    fate = np.where(asked, fate, "")
    on_account = asked & (rng.random(n) < _ON_ACCOUNT)
    cents = in_currency(np.rint(np.where(far, 1070, 890) + rng.gamma(2.0, 190, n)).astype(np.int64), currency)
    unbought = asked & ~on_account & (rng.random(n) < 0.004)
    scanned, arrived = asked & (fate != "NO_SHOW"), fate == ""
    refunded = ~on_account & (fate == "NO_SHOW") & (rng.random(n) < 0.15) & (label_at + REFUND_AFTER < CUTOFF)
    tracking = np.char.mod("%012d", 100_000_000_000 + rng.permutation(n) * 9973)
    carrier = np.full(n, "", dtype=TEXT)
    for number, line in enumerate(persona.lanes):
        for mask, carriers in ((~on_account, line.platform_carriers), (on_account, line.account_carriers)):
            rows = np.flatnonzero((lane == number) & asked & mask)
            carrier[rows] = choose(rng, len(rows), carriers)
    declared = rng.integers(200, 9000, n) * 1000
    uplift = on_account & scanned & (rng.random(n) < 0.04)
    percent = np.where(uplift, rng.integers(140, 260, n), rng.integers(92, 121, n))
    duty = rng.choice(["DUTIABLE", "FREE_9814", "DRAWBACK"], n, p=[0.45, 0.35, 0.2])
    parcels: Frame = {
        "tracking_number": np.where(asked, np.char.add(np.where(on_account, "1Z", "9400"), tracking), ""),
        "on_account": on_account,
        "flow": flow,
        "lane": lane,
        "fate": fate,
        "crosses": crosses,
        "requested_at": np.where(asked, label_at - rng.integers(600, 9 * 3600, n), NAT),
        "authorised_at": np.where(asked, label_at - rng.integers(60, 600, n), NAT),
        "label_at": np.where(asked, label_at, NAT),
        "first_scan_at": known(np.where(scanned, first_scan, NAT)),
        "delivered_at": known(np.where(scanned & (arrived | (fate == "REFUSED")), delivered, NAT)),
        "promised_at": np.where(on_account & (rng.random(n) < 0.8), label_at + dwell + 6 * DAY, NAT),
        "received_at": known(np.where(arrived, received, NAT)),
        "refused_at": known(np.where(fate == "REFUSED", received, NAT)),
        "label_e4": np.where(~asked | unbought, UNKNOWN, cents * 100),
        "currency": currency,
        "refund_status": np.where(refunded, "refunded", ""),
        "carrier": carrier,
        "node_id": np.array([lane.node_id for lane in persona.lanes])[lane],
        "country": np.array([lane.country for lane in persona.lanes])[lane],
        "node_country": np.array([lane.node_country for lane in persona.lanes])[lane],
        "duty_treatment": np.where(crosses & asked, duty, ""),
        "weight_oz": rng.integers(60, 2400, n) / 10.0,
        "declared_mg": declared,
        "billed_mg": np.where(
            uplift | (on_account & scanned & (rng.random(n) < 0.9)), declared // 100 * percent, UNKNOWN
        ),
        "is_uplifted": uplift,
    }
    # what comes back undelivered is authorised when it is announced; a blind return is nobody's wish
    announced = np.array([f.is_sold and not f.is_asked for f in persona.flows])[flow]
    notice = later(rng, received, 2.0, 1.0) - received
    parcels["authorised_at"] = np.where(announced, received - notice, parcels["authorised_at"])
    begun = np.where(asked, label_at, np.where(announced, received - notice, received))
    return take(parcels, (begun < CUTOFF) & (asked | ~np.isnat(parcels["received_at"])))


def normal(shares: list[float]) -> Array:
    """Weights that add up to one."""
    weights = np.array(shares)
    scaled: Array = weights / weights.sum()
    return scaled
