"""Totals that a file tells of its own lines, and what they are held against."""

from __future__ import annotations

import pytest

from tests.unit.ingestion.invoices import fedex_header, fedex_line, ups_line
from tests.unit.ingestion.parsing import golden, parse_bytes

FREIGHT, CREDIT = {"net": "9.26"}, {"class": "FRT", "category": "ADJ", "detail": "CADJ", "net": "-1.26"}
INFORMATIONAL = {"class": "INF", "net": "500.00"}
OUTBOUND = {"category": "SHP", "detail": "", "net": "2.00", "tracking": "1Z2", "lead": "1Z2"}
EUROS = {"currency": "EUR", "net": "7.00"}


@pytest.mark.parametrize(
    ("total", "lines", "unequal"),
    [
        ("9.26", [FREIGHT], []),
        ("9.27", [FREIGHT], ["I: 9.27 told, 9.26 in its lines"]),
        ("8.00", [FREIGHT, CREDIT], []),
        ("11.26", [FREIGHT, OUTBOUND], []),
        ("9.26", [FREIGHT, INFORMATIONAL], []),
        ("9.26", [FREIGHT, EUROS], []),
        ("", [FREIGHT], []),
        ("much", [FREIGHT], []),
        ("9.26", [FREIGHT, {"net": "dear"}], []),
    ],
    ids=[
        "equal",
        "a cent off",
        "with a credit",
        "lines that are kept out count",
        "informational lines do not",
        "two currencies are not added",
        "none told",
        "a total that is no number",
        "an amount that is no number",
    ],
)
def test_an_invoice_of_ups(tmp_path, total, lines, unequal):
    written = "".join(f"{ups_line(invoice='I', invoice_amount=total, **fields)}\n" for fields in lines)
    parsed = parse_bytes(tmp_path, "ups_billing", "invoice.csv", written.encode()).parsed
    assert parsed.unequal_totals == unequal


def test_invoices_of_one_file_are_told_apart_the_furthest_off_first(tmp_path):
    told = {"A": "9.26", "B": "10.26", "C": "90.26"}
    written = "".join(f"{ups_line(invoice=invoice, invoice_amount=total)}\n" for invoice, total in told.items())
    parsed = parse_bytes(tmp_path, "ups_billing", "invoice.csv", written.encode()).parsed
    assert parsed.unequal_totals == ["C: 90.26 told, 9.26 in its lines", "B: 10.26 told, 9.26 in its lines"]


@pytest.mark.parametrize("name", ["week_10.csv", "week_11_adjustments.csv", "import_semicolons.csv"])
def test_golden_invoices_add_up(tmp_path, name):
    assert parse_bytes(tmp_path, "ups_billing", name, golden("ups_billing", name)).parsed.unequal_totals == []


@pytest.mark.parametrize(("total", "unequal"), [("24.80", []), ("24.00", ["F: 24.00 told, 24.80 in its lines"])])
def test_an_invoice_of_fedex(tmp_path, total, unequal):
    fields = {"Invoice Number": "F", "Original Amount Due": total}
    lines = [fedex_line(**fields), fedex_line(**{**fields, "Express or Ground Tracking ID": "794600000012"})]
    written = "\n".join([fedex_header(), *lines, ""]).encode()
    assert parse_bytes(tmp_path, "fedex_invoice", "invoice.csv", written).parsed.unequal_totals == unequal
