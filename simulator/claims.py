"""Claims for value lost, with carriers, suppliers and the marketplace, and for warranties; filed, paid or forgotten."""

from __future__ import annotations

import numpy as np

from simulator import mistakes
from simulator.calendar import CUTOFF, DAY, known, later
from simulator.consignments import choose
from simulator.exact import NAT, TEXT, UNKNOWN, Array, Frame, concat, counted, size, take


def draw(rng: np.random.Generator, units: Frame, parcels: Frame, final: Frame, inspections: Frame) -> Frame:
    """One row per claim, in CAD, for a ``unit`` or a ``parcel`` (the other is -1).

    ``filed_at`` NaT: it could have been filed until ``eligible_until`` and was not.
    """
    landed = np.where(units["landed_e4"] == UNKNOWN, 300_000, units["landed_e4"])
    parts: list[Frame] = []

    def claim(kind: str, since: Array, value_e4: Array, unit: Array, parcel: Array, party: Array, days: int) -> None:
        n = len(since)
        until = since.astype("datetime64[D]") + days
        filed = since + np.rint(rng.uniform(1, days - 2, n) * DAY).astype(np.int64)
        filed = known(np.where(rng.random(n) < 0.78, filed, NAT))
        settled = known(later(rng, filed, 3.0, 24, 3 * DAY))
        answer = choose(rng, n, {"PAID": 0.7, "REJECTED": 0.3})
        claimed = value_e4 // 100 * 100
        paid = np.where(answer == "PAID", claimed // 10_000 * rng.integers(40, 101, n) * 100, UNKNOWN)
        frame: Frame = {
            "unit": unit,
            "parcel": parcel,
            "claim_kind": np.full(n, kind, dtype=TEXT),
            "counterparty_id": party.astype("U12"),
            "eligible_until": until,
            "filed_at": filed,
            "settled_at": settled,
            "outcome": np.where(np.isnat(filed), "", np.where(np.isnat(settled), "PENDING", answer)),
            "claimed_e4": np.where(np.isnat(filed), UNKNOWN, claimed),
            "paid_e4": np.where(np.isnat(settled), UNKNOWN, paid),
            "opened_at": since,
        }
        # one that is not filed is known when its time is over
        parts.append(take(frame, ~np.isnat(filed) | (until < CUTOFF.astype("datetime64[D]"))))

    n_parcels = size(parcels)
    shop = units["parcel"] >= 0
    value = counted(n_parcels, units["parcel"][shop], landed[shop])
    damaged = np.zeros(n_parcels, bool)
    by_carrier = inspections["unit"][inspections["damage_cause"] == "CARRIER"]
    damaged[units["parcel"][by_carrier]] = True
    damaged &= parcels["tracking_number"] != ""
    lost = (parcels["fate"] == "LOST") & (parcels["first_scan_at"] < CUTOFF)
    for mask, since, days in ((damaged, parcels["received_at"], 60), (lost, parcels["first_scan_at"] + 15 * DAY, 75)):
        rows = np.flatnonzero(mask)
        claim("CARRIER", since[rows], value[rows], np.full(len(rows), -1), rows, parcels["carrier"][rows], days)
    executed, code = final["executed_at"], final["code"]
    warranty = (units["return_type"] == "WARRANTY") & (code != "RETURN_TO_VENDOR")
    damaged_there = np.isin(units["found"], ["DAMAGED", "CARRIER_DAMAGED"])
    for kind, mask, since, party, days in (
        ("VENDOR", (code == "RETURN_TO_VENDOR") & shop, executed, "SUPPLIER", 45),
        ("WARRANTY", warranty & shop, executed, "SUPPLIER", 60),
        ("MARKETPLACE", damaged_there, units["received_at"], "AMAZON", 60),
    ):
        rows = np.flatnonzero(mask & ~np.isnat(since))
        nobody = np.full(len(rows), -1)
        claim(kind, since[rows], landed[rows], rows, nobody, np.full(len(rows), party), days)
    claims = concat(parts)
    mistakes.in_claims(rng.spawn(1)[0], claims)
    return take(claims, np.argsort(claims["opened_at"], kind="stable"))
