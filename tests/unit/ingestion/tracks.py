"""Tracking objects for tests, as Shippo and AfterShip send them."""

from __future__ import annotations

from typing import Any


def shippo_scan(status: str = "TRANSIT", date: str = "2026-03-05T10:00:00Z", **changes: Any) -> dict[str, Any]:
    return {
        "object_created": "2026-03-05T11:00:00Z",
        "object_updated": "2026-03-05T11:00:00Z",
        "object_id": f"{status}{date}",
        "status": status,
        "status_details": "Your parcel moved.",
        "status_date": date,
        "substatus": None,
        "location": {"city": "Laval", "state": "QC", "zip": "H7A", "country": "CA"},
        **changes,
    }


def shippo_track(*history: dict[str, Any], **changes: Any) -> dict[str, Any]:
    scans = list(history) or [shippo_scan()]
    return {
        "carrier": "usps",
        "tracking_number": "9205590164917300000017",
        "servicelevel": {"token": "usps_priority", "name": "Priority Mail"},
        "metadata": "RMA R-1001",
        "eta": "2026-03-08T00:00:00Z",
        "original_eta": "2026-03-07T00:00:00Z",
        "address_from": {"city": "Boston", "state": "MA", "zip": "02118", "country": "US"},
        "address_to": {"city": "Laval", "state": "QC", "zip": "H7A 0A1", "country": "CA"},
        "tracking_status": scans[-1],
        "tracking_history": scans,
        "messages": [],
        "transaction": None,
        **changes,
    }


def aftership_checkpoint(tag: str = "InTransit", time: str = "2026-03-05T10:00:00", **changes: Any) -> dict[str, Any]:
    return {
        "created_at": "2026-03-05T12:00:00+00:00",
        "slug": "canada-post",
        "checkpoint_time": time,
        "message": "Item processed",
        "city": "Laval",
        "state": "QC",
        "country_region": "CAN",
        "tag": tag,
        "subtag": f"{tag}_001",
        "raw_tag": "ITEM-PROC",
        **changes,
    }


def aftership_tracking(*checkpoints: dict[str, Any], **changes: Any) -> dict[str, Any]:
    scans = list(checkpoints) or [aftership_checkpoint()]
    return {
        "id": "b1c2d3",
        "created_at": "2026-03-04T09:00:00+00:00",
        "updated_at": "2026-03-05T12:05:00+00:00",
        "tracking_number": "7023210039414600",
        "slug": "canada-post",
        "tag": scans[-1]["tag"],
        "subtag": scans[-1]["subtag"],
        "title": "Return R-1001",
        "order_id": "SO-77",
        "shipment_type": "Expedited Parcel",
        "shipment_weight": {"unit": "lb", "value": 2},
        "origin_country_region": "USA",
        "destination_country_region": "CAN",
        "return_to_sender": False,
        "shipment_tags": [],
        "emails": ["someone@example.com"],
        "customers": [{"name": "A. Customer"}],
        "signed_by": "A. CUSTOMER",
        "checkpoints": scans,
        **changes,
    }
