"""A small shop in the native contract in which every case of a rule occurs once, beside clean ones; figures by hand.

The as-of date is 2026-07-01 (the last exchange rate); the reporting currency is CAD.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]

SOURCE = "- {{id: {source}, kind: backhaul, domain: returns, from: {{type: files, path: drop/{source}}}}}\n"


def _row(names: str, *values: Any) -> dict[str, Any]:
    return dict(zip(names.split(), values, strict=True))


def _rows(names: str, *rows: tuple[Any, ...]) -> Rows:
    return [_row(names, *row) for row in rows]


# fmt: off
def planted() -> dict[str, Rows]:
    """Every native table of the shop by name; amounts in the currency of the row, times UTC."""
    tables: dict[str, Rows] = {}
    tables["products"] = _rows(
        "sku effective_from name_en name_fr category style_id vendor_id unit_cost currency list_price weight_kg",
        ("TEE-S", "2026-01-01", "Tee S", "T-shirt P", "APPAREL", "TEE", "V1", 10, "CAD", 30, 0.2),
        ("TEE-M", "2026-01-01", "Tee M", "T-shirt M", "APPAREL", "TEE", "V1", 10, "CAD", 30, 0.2),
        ("TV", "2026-01-01", "TV", "Télé", "ELECTRONICS", None, "V2", 100, "CAD", 300, 8),
    )
    tables["vendor_terms"] = _rows(
        "vendor_id effective_from name return_window_days credit_share",
        ("V2", "2026-01-01", "Écrans Nord", 30, 0.5),
        ("V2", "2026-06-01", "Écrans Nord", 60, 0.6),
    )
    tables["fx_rates"] = _rows(
        "rate_date from_currency to_currency rate",
        ("2026-03-01", "USD", "CAD", 1.5),
        ("2026-04-10", "USD", "CAD", 1.4),
        ("2026-07-01", "USD", "CAD", 1.4),
    )
    tables["sales_lines"] = _rows(
        "order_id order_line ordered_at shipped_at delivered_at sku quantity net_amount tax_amount shipping_amount "
        "currency channel ship_to_country customer_ref",
        # two sizes of one style, one comes back: bracketing
        ("O1", "1", "2026-03-01T10:00", "2026-03-02T10:00", "2026-03-05T10:00", "TEE-S", 1, 25, 3, 2, "CAD", "WEB",
         "CA", "C1"),
        ("O1", "2", "2026-03-01T10:00", "2026-03-02T10:00", "2026-03-05T10:00", "TEE-M", 1, 25, 3, 0, "CAD", "WEB",
         "CA", "C1"),
        ("O2", "1", "2026-03-01T11:00", "2026-03-03T10:00", "2026-03-06T10:00", "TV", 1, 250, 30, 0, "CAD", "WEB",
         "CA", "C2"),
        ("O3", "1", "2026-03-09T10:00", "2026-03-10T10:00", "2026-03-14T10:00", "TV", 3, 750, 90, 0, "CAD", "WEB",
         "CA", "C3"),
        ("O4", "1", "2026-05-01T10:00", "2026-05-02T10:00", "2026-05-04T10:00", "TEE-S", 1, 25, 3, 0, "CAD", "WEB",
         "CA", "C1"),
        ("O5", "1", "2026-03-01T12:00", "2026-03-05T10:00", "2026-03-09T10:00", "TV", 1, 200, 20, 0, "USD", "WEB",
         "US", "C4"),
        ("O6", "1", "2026-03-02T12:00", "2026-03-05T10:00", None, "TEE-M", 1, 25, 3, 0, "CAD", "WEB", "CA", "C5"),
        ("O7", "1", "2026-03-02T12:00", "2026-03-05T10:00", "2026-03-08T10:00", "TEE-M", 1, 25, 3, 0, "CAD", "WEB",
         "CA", "C6"),
    )
    tables["returns"] = _rows(
        "rma_id rma_line quantity received_quantity sku received_sku return_type reason_code order_id order_line lpn "
        "serial_number tracking_number requested_at authorised_at received_at node_id channel customer_ref",
        # clean
        ("R1", "1", 1, None, "TEE-S", None, "CUSTOMER_RETURN", "SIZE_SMALL", "O1", "1", "L1", None, "T1",
         "2026-03-08T10:00", "2026-03-08T12:00", "2026-03-16T10:00", "TOR", "WEB", "C1"),
        # said to be defective, tested good, refunded above what was paid, then once more
        ("R2", "1", 1, None, "TV", None, "CUSTOMER_RETURN", "DEFECTIVE", "O2", "1", "L2", "S2", "T2",
         "2026-03-10T10:00", "2026-03-10T10:00", "2026-03-20T10:00", "TOR", "WEB", "C2"),
        # two announced, three came
        ("R3", "1", 2, 3, "TV", None, "CUSTOMER_RETURN", "QUALITY", "O3", "1", None, None, "T3",
         "2026-03-20T10:00", "2026-03-20T10:00", "2026-04-01T10:00", "TOR", "WEB", "C3"),
        # refunded, never arrived
        ("R4", "1", 1, None, "TV", None, "CUSTOMER_RETURN", "CHANGED_MIND", "O5", "1", None, None, "T4",
         "2026-04-01T10:00", "2026-04-01T10:00", None, "TOR", "WEB", "C4"),
        # could not be delivered; another article came, and its scan is before the authorisation
        ("R5", "1", 1, None, "TEE-M", "TEE-S", "UNDELIVERABLE", "UNDELIVERABLE", "O6", "1", "L5", None, "T5",
         "2026-03-20T10:00", "2026-03-20T10:00", "2026-03-25T10:00", "TOR", "WEB", "C5"),
        # left to the customer
        ("R6", "1", 1, None, "TEE-M", None, "CUSTOMER_RETURN", "SIZE_LARGE", "O7", "1", None, None, None,
         "2026-03-10T10:00", "2026-03-10T10:00", None, "TOR", "WEB", "C6"),
        # asked for twice while the first return is under way
        ("R8", "1", 1, None, "TV", None, "WARRANTY", "DEFECTIVE", None, None, None, "S8", None,
         "2026-06-20T10:00", "2026-06-20T10:00", None, "TOR", "WEB", None),
        ("R9", "1", 1, None, "TV", None, "WARRANTY", "DEFECTIVE", None, None, None, "S8", None,
         "2026-06-21T10:00", "2026-06-21T10:00", None, "TOR", "WEB", None),
    )
    tables["inspections"] = _rows(
        "inspection_id lpn inspected_at grade node_id scanned_weight_kg minutes test_result found_reason_code "
        "damage_cause",
        ("I1", "L1", "2026-03-17T10:00", "A", "TOR", 0.2, 5, None, "SIZE_SMALL", None),
        ("I2", "L2", "2026-03-21T22:00", "B", "TOR", 8, 10, "OK", "CHANGED_MIND", None),
        ("I5", "L5", "2026-03-26T10:00", "C", "TOR", 0.2, 5, None, None, "CARRIER"),
    )
    tables["dispositions"] = _rows(
        "disposition_id lpn rma_id rma_line disposition_code decided_at executed_at node_id",
        ("D1", "L1", None, None, "RESTOCK_NEW", "2026-03-17T11:00", "2026-03-18T10:00", "TOR"),
        ("D2", "L2", None, None, "REFURBISH_RESELL", "2026-03-22T10:00", "2026-03-30T10:00", "TOR"),
        ("D6", None, "R6", "1", "KEPT_BY_CUSTOMER", "2026-03-11T10:00", "2026-03-11T10:00", None),
    )
    tables["refunds"] = _rows(
        "refund_id lpn rma_id rma_line order_id order_line refund_amount currency refunded_at method exception_code "
        "customer_ref",
        ("F1", "L1", None, None, "O1", "1", 28, "CAD", "2026-03-18T10:00", "CARD", None, "C1"),
        ("F2", "L2", None, None, "O2", "1", 250, "CAD", "2026-03-22T10:00", "EXCHANGE", None, "C2"),
        ("F3", "L2", None, None, "O2", "1", 45, "CAD", "2026-04-02T10:00", "CARD", None, "C2"),
        # more Canadian dollars than were paid, and not one US dollar too much
        ("F4", None, "R4", "1", "O5", "1", 220, "USD", "2026-04-10T10:00", "CARD", None, None),
        ("F6", None, "R6", "1", "O7", "1", 28, "CAD", "2026-03-11T10:00", "CARD", "KEEP_IT", "C6"),
    )
    tables["recoveries"] = _rows(
        "recovery_id lpn category_code gross_amount currency recovered_at",
        ("P1", "L1", "REC_SALE", 24, "CAD", "2026-03-28T10:00"),
        ("P2", "L2", "REC_SALE", 120, "CAD", "2026-04-09T10:00"),
    )
    tables["shipments"] = _rows(
        "carrier tracking_number label_created_at label_amount currency first_scan_at delivered_at promised_at "
        "from_country to_country to_node_id weight_kg billed_weight_kg",
        # on time, billed above the quote
        ("UPS", "T1", "2026-03-08T12:00", 9, "CAD", "2026-03-10T10:00", "2026-03-15T10:00", "2026-03-15T12:00", "CA",
         "CA", "TOR", 0.3, 0.3),
        # late, billed twice, for twice the weight
        ("UPS", "T2", "2026-03-10T12:00", 20, "CAD", "2026-03-12T10:00", "2026-03-19T10:00", "2026-03-18T12:00",
         "CA", "CA", "TOR", 8, 16),
        ("UPS", "T3", "2026-03-20T12:00", 40, "CAD", "2026-03-22T10:00", "2026-03-30T10:00", None, "CA", "CA", "TOR",
         24, 24),
        # lost
        ("UPS", "T4", "2026-04-01T12:00", 20, "CAD", "2026-04-03T10:00", None, None, "US", "CA", "TOR", 8, 8),
        # scanned two days before it was authorised
        ("UPS", "T5", "2026-03-20T12:00", 9, "CAD", "2026-03-18T09:00", "2026-03-24T10:00", None, "CA", "CA", "TOR",
         0.3, 0.3),
        # a label that was never used, and billed
        ("UPS", "T6", "2026-04-01T12:00", 9, "CAD", None, None, None, "CA", "CA", "TOR", 0.3, None),
    )
    tables["carrier_charges"] = _rows(
        "carrier invoice_id invoice_line invoiced_at tracking_number charge_class net_amount currency billed_weight_kg",
        ("UPS", "V1", "1", "2026-03-31T00:00", "T1", "FREIGHT", 9, "CAD", 0.3),
        ("UPS", "V1", "2", "2026-03-31T00:00", "T1", "SURCHARGE", 1.5, "CAD", None),
        ("UPS", "V1", "3", "2026-03-31T00:00", "T2", "FREIGHT", 30, "CAD", 16),
        ("UPS", "V1", "4", "2026-03-31T00:00", "T3", "FREIGHT", 40, "CAD", 24),
        ("UPS", "V1", "5", "2026-03-31T00:00", "T3", "DUTY", 12, "CAD", None),
        ("UPS", "V2", "1", "2026-04-30T00:00", "T2", "FREIGHT", 30, "CAD", 16),
        ("UPS", "V2", "2", "2026-04-30T00:00", "T6", "FREIGHT", 9, "CAD", None),
        ("UPS", "V2", "3", "2026-04-30T00:00", "T99", "FREIGHT", 7, "CAD", None),
        ("UPS", "V2", "4", "2026-04-30T00:00", "T1", "ADJUSTMENT", 0.5, "CAD", None),
        ("UPS", "V2", "5", "2026-04-30T00:00", "T3", "CREDIT", -4, "CAD", None),
    )
    tables["work_orders"] = _rows(
        "work_order_id lpn work_kind node_id started_at completed_at labour_minutes outcome output_serial_number",
        ("W1", "L2", "REFURBISH", "TOR", "2026-03-23T10:00", "2026-03-24T10:00", 30, "FAIL", None),
        ("W2", "L2", "REFURBISH", "TOR", "2026-03-25T10:00", "2026-03-26T10:00", 40, "PASS", "S8"),
    )
    tables["claims"] = _rows(
        "claim_id lpn rma_id rma_line tracking_number claim_kind counterparty_id eligible_until filed_at settled_at "
        "outcome claimed_amount paid_amount currency",
        ("K1", None, None, None, "T4", "CARRIER", "UPS", "2026-06-01", "2026-05-05T10:00", "2026-05-25T10:00",
         "PAID", 100, 80, "CAD"),
        ("K2", "L5", None, None, None, "CARRIER", "UPS", "2026-05-20", None, None, None, 10, None, "CAD"),
        ("K3", "L2", None, None, None, "VENDOR", "V2", "2026-04-20", "2026-04-01T10:00", None, "PENDING", 50, None,
         "CAD"),
    )
    tables["labour_shifts"] = _rows(
        "worked_date node_id activity is_temporary paid_minutes worked_minutes unit_count paid_amount currency",
        ("2026-03-16", "TOR", "RECEIVE", "false", 480, 300, 60, 240, "CAD"),
        ("2026-03-16", "TOR", "RECEIVE", "true", 240, 180, 30, 100, "CAD"),
        ("2026-03-17", "TOR", "INSPECT", "false", 480, 400, 40, 240, "CAD"),
    )
    tables["feedback"] = _rows(
        "answer_id order_id rma_id customer_ref answered_at survey score",
        ("A1", "O1", "R1", "C1", "2026-03-20T10:00", "CSAT", 5),
        ("A2", "O2", "R2", "C2", "2026-03-25T10:00", "CSAT", 2),
        ("A3", "O1", "R1", "C1", "2026-03-20T10:00", "NPS", 9),
        ("A4", "O2", "R2", "C2", "2026-03-25T10:00", "NPS", 3),
        ("A5", None, "R5", "C5", "2026-03-27T10:00", "NPS", 6),
    )
    tables["containers"] = _rows(
        "child_id parent_id container_kind packed_at unpacked_at",
        ("L1", "TOTE1", "TOTE", "2026-03-16T11:00", None),
        ("L1", "TOTE2", "TOTE", "2026-03-17T12:00", None),
        ("TOTE2", "PAL1", "PALLET", "2026-03-17T13:00", "2026-03-18T09:00"),
    )
    return tables


def rival() -> dict[str, Rows]:
    """Another shop that numbers its authorisations as the first one does, in words that no list knows."""
    tables: dict[str, Rows] = {}
    tables["returns"] = _rows(
        "rma_id rma_line quantity sku return_type reason_code order_id requested_at authorised_at received_at node_id",
        ("R1", "1", 1, "TEE-M", "CUSTOMER_RETURN", "SIZE_SMALL", "O9", "2026-06-08T10:00", "2026-06-08T12:00",
         "2026-06-16T10:00", "OTT"),
        ("R10", "1", 1, "TEE-M", "MYSTERY", "SIZE_SMALL", "O10", "2026-06-20T10:00", None, "2026-06-22T10:00", "OTT"),
    )
    tables["dispositions"] = _rows(
        "disposition_id rma_id rma_line disposition_code decided_at executed_at node_id",
        ("X1", "R1", "1", "RECYCLE", "2026-06-17T10:00", "2026-06-18T10:00", "OTT"),
        ("X2", "R1", "1", "LANDFILL", "2026-06-17T11:00", "2026-06-18T11:00", "OTT"),
        ("X3", "R10", "1", "VAPORISE", "2026-06-23T11:00", None, "OTT"),
    )
    tables["costs"] = _rows(
        "cost_id rma_id rma_line category_code amount currency posted_at",
        ("Y1", "R1", "1", "FANCY", 1, "CAD", "2026-06-17T10:00"),
        ("Y2", "R1", "1", "RCV", 1, "GBP", "2026-06-17T10:00"),
        ("Y3", "R1", "1", "RCV", 2, "CAD", "2026-06-17T10:00"),
    )
    tables["refunds"] = _rows(
        "refund_id rma_id rma_line order_id order_line refund_amount currency refunded_at method",
        ("Z1", "R1", "1", "O9", None, 25, "CAD", "2026-06-18T10:00", "CARD"),
        # names no unit, and nothing of the order came
        ("Z2", None, None, "O4", None, 25, "CAD", "2026-05-20T10:00", "CARD"),
    )
    return tables
# fmt: on


def write(home: Path, tables: dict[str, Rows], source: str = "shop") -> None:
    """The tables as CSV files of a source below a home, and the source in its sources.yml."""
    drop = home / "drop" / source
    drop.mkdir(parents=True, exist_ok=True)
    described = home / "sources.yml"
    before = described.read_text(encoding="utf-8") if described.exists() else "sources:\n"
    described.write_text(before + SOURCE.format(source=source), encoding="utf-8")
    for table, rows in tables.items():
        with (drop / f"{table}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
