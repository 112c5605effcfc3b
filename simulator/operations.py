"""The work behind the returns: repair jobs, packing, shifts, and what customers say afterwards."""

from __future__ import annotations

import numpy as np

from simulator.calendar import CUTOFF, DAY, later
from simulator.exact import NAT, TEXT, Array, Frame, concat, size, take

_WORK = {
    "REPAIR_RETURN_OWNER": "REPAIR", "REFURBISH_RESELL": "REFURBISH", "REMANUFACTURE": "REMANUFACTURE",
    "PARTS_HARVEST": "PARTS_HARVEST",
}  # fmt: skip
_NOT_FINISHED = np.datetime64("9999-01-01", "s")
# share of the paid minutes of each activity that temporary staff work
_TEMPORARY = 0.3


def draw_work_orders(rng: np.random.Generator, units: Frame, final: Frame) -> Frame:
    """One row per job of a unit repaired, refurbished, remanufactured or taken apart; some need a second job."""
    rows = np.flatnonzero(np.isin(final["code"], list(_WORK)) & (units["parcel"] >= 0))
    decided, executed = final["decided_at"][rows], final["executed_at"][rows]
    end = np.where(np.isnat(executed), _NOT_FINISHED, executed)
    started = np.minimum(decided + rng.integers(600, 1700, len(rows)), CUTOFF - 60)
    begins = started < end
    rows, started, end = rows[begins], started[begins], end[begins]
    kind = np.array([_WORK[code] for code in final["code"][rows].tolist()], dtype=TEXT)
    finished = end < CUTOFF
    half = started + (np.where(finished, end, started) - started) // 2
    failed = finished & (rng.random(len(rows)) < 0.12)
    makes_new = (kind == "REMANUFACTURE") & finished
    last: Frame = {
        "unit": rows,
        "work_kind": kind,
        "node_id": np.full(len(rows), "RW-LAVAL"),
        "started_at": np.where(failed, half, started),
        "completed_at": np.where(finished, end, NAT),
        "labour_minutes_e4": rng.integers(100, 1200, len(rows)) * 1000,
        "outcome": np.where(~finished, "", np.where(rng.random(len(rows)) < 0.07, "FAIL", "PASS")),
        "output_serial_number": np.where(makes_new, np.char.mod("RN%08d", rows), ""),
    }
    first = take(last, failed)
    first["started_at"], first["completed_at"] = started[failed], half[failed]
    first["outcome"] = np.full(size(first), "FAIL")
    first["output_serial_number"] = np.full(size(first), "")
    jobs = concat([last, first])
    return take(jobs, np.argsort(jobs["started_at"], kind="stable"))


def draw_containers(units: Frame) -> Frame:
    """One row per plate in its tote of the day, tote on its pallet and pallet in its trailer of the month."""
    rows = np.flatnonzero((units["lpn"] != "") & (units["parcel"] >= 0) & ~np.isnat(units["received_at"]))
    at, node = units["received_at"][rows], units["node_id"][rows]
    day = at.astype("datetime64[D]")
    tote = np.char.add(np.char.add("TOTE-", node), np.char.add("-", day.astype("U10")))
    parts = [_packed(units["lpn"][rows], tote, "TOTE", at + 300, at + 2 * DAY)]
    totes, first = np.unique(tote, return_index=True)
    month = day[first].astype("datetime64[M]").astype("U7")
    pallet = np.char.add(np.char.add("PAL-", node[first]), np.char.add("-", month))
    closed = day[first].astype("datetime64[s]") + (DAY + 6 * 3600)
    parts.append(_packed(totes, pallet, "PALLET", closed, None))
    pallets = np.unique(pallet)
    trailer = np.char.replace(pallets, "PAL-", "TRL-")
    # the pallet goes out with the month
    month_end = np.array([name[-7:] for name in pallets.tolist()], dtype="datetime64[M]") + 1
    parts.append(_packed(pallets, trailer, "TRAILER", month_end.astype("datetime64[s]") + 8 * 3600, None))
    packed = concat(parts)
    packed = take(packed, packed["packed_at"] < CUTOFF)
    return take(packed, np.argsort(packed["packed_at"], kind="stable"))


def _packed(child: Array, parent: Array, kind: str, at: Array, until: Array | None) -> Frame:
    until = np.full(len(child), NAT) if until is None else until
    return {
        "child_id": child.astype("U40"),
        "parent_id": parent.astype("U40"),
        "container_kind": np.full(len(child), kind, dtype=TEXT),
        "packed_at": at,
        "unpacked_at": np.where(until < CUTOFF, until, NAT),
    }


def draw_shifts(rng: np.random.Generator, units: Frame, inspections: Frame, final: Frame) -> Frame:
    """One row per day, return centre, activity and kind of staff, of days with work; minutes 1/10000."""
    shop = units["parcel"] >= 0
    done = shop & ~np.isnat(final["executed_at"])
    parts: list[Frame] = []
    for activity, unit, at, minutes in (
        ("RECEIVE", np.flatnonzero(shop & ~np.isnat(units["received_at"])), units["received_at"], 4.0),
        ("INSPECT", inspections["unit"], None, 11.0),
        ("REPACK", np.flatnonzero(done & np.isin(final["code"], ["RESTOCK_NEW", "RESELL_OPEN_BOX"])), None, 6.0),
        ("REFURBISH", np.flatnonzero(done & (final["code"] == "REFURBISH_RESELL")), None, 48.0),
    ):
        times = (
            inspections["inspected_at"] if activity == "INSPECT" else (final["executed_at"] if at is None else at)[unit]
        )
        day, temporary = times.astype("datetime64[D]").astype(np.int64), rng.random(len(unit)) < _TEMPORARY
        nodes, node = np.unique(units["node_id"][unit], return_inverse=True)
        key, count = np.unique((day * len(nodes) + node) * 2 + temporary, return_counts=True)
        worked = np.rint(count * minutes * rng.uniform(0.8, 1.3, len(key)) * 10).astype(np.int64) * 1000
        parts.append({
            "day": (key // 2 // len(nodes)).astype("datetime64[D]"),
            "node_id": nodes[key // 2 % len(nodes)],
            "activity": np.full(len(key), activity),
            "is_temporary": np.where(key % 2 == 1, "true", "false"),
            "paid_minutes_e4": worked * rng.integers(112, 150, len(key)) // 100,
            "worked_minutes_e4": worked,
            "unit_count": count,
            "paid_e4": worked // 10_000 * 38 // 100 * 10_000 + 210_000,
        })  # fmt: skip
    shifts = concat(parts)
    return take(shifts, np.argsort(shifts["day"], kind="stable"))


def draw_feedback(rng: np.random.Generator, refunds: Frame) -> Frame:
    """One row per answer of a customer who was refunded."""
    answers = take(refunds, (rng.random(size(refunds)) < 0.18) & (refunds["customer_ref"] != ""))
    at = later(rng, answers["refunded_at"], 2.0, 5, DAY)
    n = len(at)
    survey = rng.choice(["CSAT", "NPS", "REVIEW"], n, p=[0.55, 0.35, 0.1])
    stars = rng.choice([1, 2, 3, 4, 5], n, p=[0.1, 0.1, 0.18, 0.34, 0.28])
    tenths = rng.choice(np.arange(11), n, p=[0.05, 0.02, 0.03, 0.04, 0.05, 0.08, 0.09, 0.15, 0.2, 0.17, 0.12])
    feedback: Frame = {
        "unit": answers["unit"],
        "customer_ref": answers["customer_ref"],
        "answered_at": at,
        "survey": survey,
        "score": np.where(survey == "NPS", tenths, stars),
    }
    feedback = take(feedback, at < CUTOFF)
    return take(feedback, np.argsort(feedback["answered_at"], kind="stable"))
