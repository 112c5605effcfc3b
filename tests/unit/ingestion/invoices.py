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


# Names of the FedEx file, in its order, without the charges at its end.
FEDEX = [
    "Consolidated Account Number",
    "Bill to Account Number",
    "Invoice Date",
    "Invoice Number",
    "Original Amount Due",
    "Current Balance",
    "Payor",
    "Ground Tracking ID Prefix",
    "Express or Ground Tracking ID",
    "Transportation Charge Amount",
    "Net Charge Amount",
    "Service Type",
    "Ground Service",
    "Shipment Date",
    "POD Delivery Date",
    "POD Delivery Time",
    "POD Signature Description",
    "Actual Weight Amount",
    "Actual Weight Units",
    "Rated Weight Amount",
    "Rated Weight Units",
    "Dim Divisor",
    "Recipient Name",
    "Recipient Country/Territory",
    "Shipper Name",
    "Shipper Address Line 1",
    "Shipper Country/Territory",
    "Original Customer Reference",
    "RMA#",
    "Zone Code",
    "Commodity Description",
    "Commodity Description",
    "Currency Conversion Rate",
    "Tendered Date",
]
PAIR = ["Tracking ID Charge Description", "Tracking ID Charge Amount"]
FEDEX_RETURN = {
    "Bill to Account Number": "123456789",
    "Invoice Date": "20260309",
    "Invoice Number": "869483570",
    "Original Amount Due": "412.55",
    "Express or Ground Tracking ID": "794600000011",
    "Transportation Charge Amount": "14.10",
    "Net Charge Amount": "12.40",
    "Service Type": "Ground - Return",
    "Shipment Date": "20260303",
    "POD Delivery Date": "20260305",
    "POD Delivery Time": "1032",
    "POD Signature Description": "A. CUSTOMER",
    "Actual Weight Amount": "3.5",
    "Actual Weight Units": "L",
    "Rated Weight Amount": "4.0",
    "Rated Weight Units": "L",
    "Shipper Name": "A. Customer",
    "Shipper Address Line 1": "1 Main St",
    "Shipper Country/Territory": "US",
    "Recipient Country/Territory": "US",
    "RMA#": "RMA-1001",
    "Zone Code": "05",
}
FEDEX_CHARGES = [("Fuel Surcharge", "1.30"), ("Earned Discount", "-3.00")]


# Names of the EDI CSV whose cells tests fill, in its order.
FEDEX_EDI = [
    *("Master EDI No", "Invoice Number", "Invoice Date", "Inv Charge", "Bill-To Account", "Grd Prefix"),
    *("Tracking Number", "Ship Date", "Svc", "Grd Svc", "RMA No", "Payor", "Net Chrg", "Curr", "Chrg 1", "Freight Amt"),
    *("Chrg 2", "Vol Disc Amt", "Chrg 6", "Fuel Amt", "Chrg 14", "Adr Corr Amt", "Chrg 16", "Duty Amt", "Chrg 19"),
    *("Misc 1 Amt", "Call Tag", "Bill Wt", "Orig Wt", "Wt Unit", "Shipper Name", "Cntry1", "Recipient Name", "Cntry2"),
    *("Dlvry Date", "Time", "Signature"),
]
FEDEX_EDI_RETURN = {
    "Invoice Number": "869483570",
    "Invoice Date": "20260309",
    "Inv Charge": "412.55",
    "Tracking Number": "794600000011",
    "Svc": "92",
    "RMA No": "RMA-1001",
    "Net Chrg": "12.40",
    "Curr": "CAD",
    "Freight Amt": "14.10",
    "Vol Disc Amt": "-3.00",
    "Fuel Amt": "1.30",
    "Bill Wt": "4.0",
    "Orig Wt": "3.5",
    "Wt Unit": "L",
    "Shipper Name": "A. Customer",
    "Cntry1": "US",
    "Cntry2": "CA",
    "Dlvry Date": "20260305",
    "Time": "1032",
    "Signature": "A. CUSTOMER",
}


def fedex_edi_line(**fields: str) -> str:
    """One line of the EDI CSV: the same return as :func:`fedex_line` gives, with these fields changed."""
    values = {**FEDEX_EDI_RETURN, **fields}
    return ",".join(values.get(name, "") for name in FEDEX_EDI)


def fedex_header(pairs: int = 25) -> str:
    return ",".join([*FEDEX, *(PAIR * pairs)])


def fedex_line(charges: list[tuple[str, str]] = FEDEX_CHARGES, pairs: int = 25, **fields: str) -> str:
    """One line: a return by Ground with these charges; field names with spaces come as a mapping (``**{…}``)."""
    values = {**FEDEX_RETURN, **fields}
    written = [values.get(name, "") for name in FEDEX]
    return ",".join([*written, *(text for pair in charges for text in pair), *[""] * (2 * (pairs - len(charges)))])
