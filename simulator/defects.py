"""Labelled defects: what goes wrong in real files, each with what a good pipeline does about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.render.files import LABEL, NativeFile

QUARANTINE = "quarantined"
EXPECTED = {
    # the world's own, carried by the rows themselves
    "restated_row": "loaded; the later file's version of the same key is the current one",
    "overlap_row": "loaded; repeats a row of the file before, one unit remains",
    "stale_version": "loaded; older than the version that stands before it, so never current",
    "cp1252_file": "decoded as cp1252, accents intact",
    "missing_weight": "loaded; the unit's mass is unknown unless it was weighed",
    "missing_cost": "loaded; the unit's landed cost is unknown unless the sale names it",
    "late_carrier_adjustment": "loaded; restates the cost of a month long past",
    "carrier_credit_note": "loaded; lowers the cost of its parcel",
    "orphan_parcel_cost": "loaded; no return names the parcel, so it stays unallocated",
    "unmapped_reason": "loaded with a warning; the reason counts as unknown",
    "lost_parcel": "loaded; lost when 30 days have passed since the first scan",
    "over_receipt": "loaded; more units arrived than were authorised",
    "swapped_unit": "loaded; another article than the one expected, or next to nothing in the box",
    "over_refund": "loaded; more was refunded than the order line had cost",
    "double_refund": "loaded; the unit had been refunded before",
    "refund_without_goods": "loaded; the unit never came and nobody allowed it",
    "weight_uplift": "loaded; billed by more than 1.25 times the declared weight",
    "duplicate_charge": "loaded; the same charge stands on an earlier invoice",
    "unused_label_billed": "loaded; the label was never scanned",
    "unmatched_charge": "loaded; no label has the tracking number",
    "unmapped_grade_code": "loaded with a warning; the look after it stands",
    "unmapped_disposition_code": "loaded with a warning; the decision after it stands",
    "unmapped_resale_channel": "loaded with a warning; its amount counts",
    "unmapped_material": "loaded with a warning; its mass counts, of no known matter",
    "unmapped_treatment_code": "loaded with a warning; its mass counts in no class",
    "events_out_of_order": "loaded; the goods were looked at three days before they came",
    "several_final_dispositions": "loaded; the later decision stands",
    "forbidden_resale": "loaded; counted as told, and the buyer has to be found",
    "waste_of_kept_unit": "loaded; the unit stayed in use, so the ticket does not count",
    "ticket_over_unit_mass": "loaded; the ticket weighs half as much again as the unit",
    "hazardous_without_certificate": "loaded; nobody certified it",
    "composition_not_whole": "loaded; the shares of the product's materials are 0.98",
    "stock_discrepancy": "loaded; the count is one above what events leave",
    "wrong_sign": "loaded; counted as told",
    "claim_above_value": "loaded; more was paid than claimed",
    "recovered_above_limit": "loaded; the vendor credited more than the unit had cost",
    "duty_spared_and_drawn_back": "loaded; above the duty that was paid as well, for there was none",
    # added here
    "duplicate_row": "loaded; the same key and content twice is one record",
    "superseded_version": "loaded; its updated_at is earlier than the other version's, so never current",
    "unlinked_record": "loaded; nobody returned the unit that it names",
    "bad_date": QUARANTINE,
    "bad_number": QUARANTINE,
    "negative_quantity": QUARANTINE,
    "missing_required": QUARANTINE,
    "broken_json": QUARANTINE,
    "not_an_object": QUARANTINE,
}
# the rule of quality_finding, or the finding type of the invoice audit, that shows the defect to a person
RULES = {
    "missing_weight": "unknown_mass", "missing_cost": "unknown_landed_cost", "orphan_parcel_cost": "unallocated_cost",
    **{defect: defect for defect in (
        "unmapped_reason", "over_receipt", "swapped_unit", "over_refund", "double_refund", "refund_without_goods",
        "weight_uplift", "duplicate_charge", "unused_label_billed", "unmatched_charge", "unlinked_record",
        "unmapped_grade_code", "unmapped_disposition_code", "unmapped_material", "unmapped_treatment_code",
        "unmapped_resale_channel",
        "events_out_of_order", "several_final_dispositions", "forbidden_resale", "waste_of_kept_unit",
        "ticket_over_unit_mass", "hazardous_without_certificate", "composition_not_whole", "stock_discrepancy",
        "wrong_sign", "claim_above_value", "recovered_above_limit", "duty_spared_and_drawn_back",
    )},
}  # fmt: skip
_LONG_AGO_TEXT = "2025-01-01T00:00:00Z"
_LONG_AGO = dt.datetime.fromisoformat(_LONG_AGO_TEXT.removesuffix("Z"))
# (part of the path, defect, how many rows, values that replace those of the copied row); each copy is one more row.
# Where a copy would be quarantined its key is a new one, so that loading it anyhow would change a figure.
_PLAN: list[tuple[str, str, int, dict[str, Any]]] = [
    ("shop/sales_lines_2026Q1", "duplicate_row", 3, {}),
    ("shop/sales_lines_2026Q2", "bad_number", 3, {"order_line": "91", "net_amount": "#REF!"}),
    ("shop/returns_2025Q4", "duplicate_row", 3, {}),
    ("shop/returns_2026Q1", "negative_quantity", 4, {"rma_line": "91", "quantity": "-1"}),
    ("shop/returns_2026Q2", "bad_date", 4, {"rma_line": "92", "received_at": "2026-02-30T10:00:00-05:00"}),
    ("shop/dispositions_2026Q1", "bad_date", 3, {"disposition_id": "DSP-X", "decided_at": "32/13/2026"}),
    ("shop/costs_2026Q1", "duplicate_row", 5, {}),
    ("shop/costs_2026Q2", "superseded_version", 8, {"amount": lambda a: a + 100, "updated_at": _LONG_AGO}),
    ("shop/costs_2026Q3", "missing_required", 3, {"cost_id": "CST-X", "category_code": None}),
    ("shop/recoveries_2026Q1", "superseded_version", 5, {"gross_amount": "999.00", "updated_at": _LONG_AGO_TEXT}),
    ("shop/recoveries_2026Q2", "bad_number", 4, {"recovery_id": "REC-X", "gross_amount": "N/A"}),
    ("shop/recoveries_2025Q4", "duplicate_row", 3, {}),
    ("shop/shipments_2026Q2", "bad_number", 2, {"tracking_number": "1ZX", "weight_kg": "3 lb"}),
    ("shop/carrier_charges_2026Q2", "duplicate_row", 3, {}),
    ("shop/waste_movements_2026Q2", "bad_number", 2, {"movement_id": "MOV-X", "mass_kg": "1,2 kg"}),
    ("wms/inventory_snapshot_2026-02", "bad_number", 2, {"sku": "ZZ-0000", "quantity": "douze"}),
    ("fba_ca/customer_returns_2026-01", "duplicate_row", 3, {}),
    ("fba_ca/customer_returns_2026-03", "bad_date", 3, {"LPN": "LPNRRX", "DATE": "31-31-2026"}),
    ("fba_us/customer_returns_2026-04", "negative_quantity", 2, {"LPN": "LPNRRX", "QUANTITY": "-1"}),
    ("fba_us/customer_returns_2026-02", "duplicate_row", 3, {}),
]  # fmt: skip
_STRANGER = (
    '{"inspection_id": "INS-X3", "lpn": null, "rma_id": "RMA-0000003", "rma_line": "1", "unit_ordinal": null, '
    '"inspected_at": "2026-07-21T15:00:00Z", "grade": "B", "scanned_weight_kg": null, "minutes": null, '
    '"updated_at": "2026-07-21T15:00:00Z"}'
)
# (part of the path, defect, how many rows, the document that stands in each)
_DOCUMENTS = [
    ("shop/inspections_2026Q1", "broken_json", 2, '{"inspection_id": "INS-X1", "grade": "A", "inspec'),
    ("shop/inspections_2026Q2", "missing_required", 2, '{"inspection_id": "INS-X2", "rma_id": "RMA-1000001"}'),
    ("shop/inspections_2026Q3", "unlinked_record", 1, _STRANGER),
    ("easypost/shipments_2026Q2", "not_an_object", 2, '{"mode": "production", "messages": []}'),
]
_FBA = {"DATE": 0, "QUANTITY": 6, "LPN": 11}  # the report's headers vary, its order does not
_IDENTITIES = {"tracking_number", "disposition_id", "cost_id", "recovery_id", "movement_id", "LPN"}


def spoil(file: NativeFile, seed: int) -> NativeFile:
    """The file with the rows planned for it added, at places that the seed decides; every other byte stays."""
    rng = np.random.default_rng([seed, 0xDEFEC7, crc32(file.path.encode())])
    for part, defect, count, changes in _PLAN:
        if file.path.startswith(part):
            file = _add(rng, file, defect, count, partial(_changed, changes=changes, path=file.path))
    for part, defect, count, document in _DOCUMENTS:
        if file.path.startswith(part):
            file = _add(rng, file, defect, count, partial(_replaced, document=document))
    return file


def _replaced(row: dict[str, Any], _: int, document: str) -> dict[str, Any]:
    return {**row, "document": document}


def _changed(row: dict[str, Any], number: int, changes: dict[str, Any], path: str) -> dict[str, Any]:
    names = list(row)
    for name, value in changes.items():
        column = names[_FBA[name]] if path.startswith("fba") else name
        new = value(row[column]) if callable(value) else value
        row[column] = f"{new}{number}" if name in _IDENTITIES else new
    return row


def _add(
    rng: np.random.Generator, file: NativeFile, defect: str, count: int,
    change: Callable[[dict[str, Any], int], dict[str, Any]],
) -> NativeFile:  # fmt: skip
    """Copies of some sound rows, changed, each put somewhere below its original."""
    rows = file.rows
    sound = np.flatnonzero(pc.is_null(rows[LABEL]).to_numpy())
    chosen = np.sort(rng.choice(sound, min(count, len(sound)), replace=False))
    copies = [{**change(row, i + 1), LABEL: defect} for i, row in enumerate(rows.take(chosen).to_pylist())]
    added = pa.Table.from_pylist(copies, schema=rows.schema)
    place = np.concatenate([np.arange(len(rows)), rng.uniform(chosen, len(rows))])
    together = pa.concat_tables([rows, added])
    return file.with_rows(together.take(np.argsort(place, kind="stable")))


LABELS = ["defect", "file", "row", "expected", "rule"]


def labels(file: NativeFile) -> list[list[str]]:
    """The rows of LABELS that tell the defects of a file.

    ``rule`` is what finds it, empty where it is repaired silently or quarantined. ``row`` is the record's 1-based
    number in its file (the object's in a page of JSON), empty when the label holds for the file as a whole.
    """
    marks = file.rows[LABEL]
    numbers = np.flatnonzero(pc.is_valid(marks).to_numpy())
    found = [(marks[int(number)].as_py(), str(number + 1)) for number in numbers]
    if file.label:
        found.insert(0, (file.label, ""))
    return [[defect, file.path, row, EXPECTED[defect], RULES.get(defect, "")] for defect, row in found]
