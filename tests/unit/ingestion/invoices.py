"""Lines of carriers' invoices for tests, by the names of their fields."""

from __future__ import annotations

# Field of UPS Billing Data to its position (1-based), as the file's own user guide numbers them.
UPS = {
    "version": 1,
    "account": 3,
    "date": 5,
    "invoice": 6,
    "invoice_currency": 10,
    "invoice_amount": 11,
    "transaction_date": 12,
    "lead": 14,
    "reference": 16,
    "tracking": 21,
    "entered": 27,
    "entered_unit": 28,
    "billed": 29,
    "billed_unit": 30,
    "dimensions": 33,
    "zone": 34,
    "category": 35,
    "detail": 36,
    "class": 44,
    "code": 45,
    "description": 46,
    "currency": 51,
    "incentive": 52,
    "net": 53,
    "sender": 67,
    "sender_address": 69,
    "sender_country": 74,
    "receiver": 75,
    "receiver_country": 82,
    "contact": 159,
    "original": 201,
    "service": 230,
}
UPS_WIDTH = 250
RETURN = {
    "version": "2.1",
    "account": "0000A1B2C3",
    "date": "2026-03-07",
    "invoice": "0000A1B2C3106",
    "invoice_currency": "USD",
    "invoice_amount": "512.40",
    "transaction_date": "2026-03-02",
    "lead": "1ZA1B2C30300000014",
    "reference": "RMA-1001",
    "tracking": "1ZA1B2C30300000014",
    "entered": "4.0",
    "entered_unit": "L",
    "billed": "6.0",
    "billed_unit": "L",
    "dimensions": "12.0x 9.0x 7.0",
    "zone": "005",
    "category": "RTN",
    "detail": "ROW",
    "class": "FRT",
    "code": "003",
    "description": "Ground Returns",
    "currency": "USD",
    "incentive": "3.10",
    "net": "9.26",
    "sender": "A. Customer",
    "sender_address": "1 Main St",
    "sender_country": "US",
    "receiver_country": "US",
}


def ups_line(delimiter: str = ",", width: int = UPS_WIDTH, **fields: str) -> str:
    """One line: a freight charge of a return, with these fields changed; ``width`` is how many fields are written."""
    values = [""] * UPS_WIDTH
    for name, value in {**RETURN, **fields}.items():
        values[UPS[name] - 1] = f'"{value}"' if delimiter in value else value
    return delimiter.join(values[:width])
