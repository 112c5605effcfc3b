"""Codes of lists that the warehouse gives no labels to, in words: the one place where they are named."""

from __future__ import annotations

import unicodedata

from dashboards.i18n import Language


def folded(text: str) -> str:
    """Text as people look for it, whatever its case, accents, spaces and apostrophes: ``L’Été`` as ``l'ete``."""
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("’", "'")
    return " ".join("".join(mark for mark in plain if not unicodedata.combining(mark)).split())


class Words(dict[str, str]):
    """Codes and their words; a code that is not here stands as it is."""

    def __missing__(self, code: str) -> str:
        return code


def words(language: Language) -> Words:
    """What each code is called in the language of the visit."""
    _ = language.gettext
    codes = {
        # with whom a claim is, and how it ended
        "CARRIER": _("Carrier"),
        "VENDOR": _("Vendor"),
        "WARRANTY": _("Warranty"),
        "MARKETPLACE": _("Marketplace"),
        "INSURANCE": _("Insurer"),
        "CUSTOMS": _("Customs"),
        "PAID": _("Paid"),
        "REJECTED": _("Rejected"),
        "PENDING": _("Pending"),
        # how customers are refunded, and why with nothing back
        "CARD": _("Card"),
        "CREDIT": _("Store credit"),
        "EXCHANGE": _("Exchange"),
        "GIFT_CARD": _("Gift card"),
        "KEEP_IT": _("Left to the customer"),
        "LOST_CLAIM": _("Lost on the way"),
        "PRE_REFUND": _("Refunded in advance"),
        # what people work at
        "RECEIVE": _("Receiving"),
        "INSPECT": _("Inspection"),
        "REPACK": _("Repackaging"),
        "REFURBISH": _("Refurbishing"),
        "REMANUFACTURE": _("Remanufacturing"),
        "REPAIR": _("Repair"),
        "PARTS_HARVEST": _("Harvesting of parts"),
        "DISPOSE": _("Disposal"),
        "OTHER": _("Other"),
        # how the form of a file changed
        "added": _("Field that nobody asked for"),
        "missing": _("Column gone"),
        "renamed": _("Column renamed"),
        "retyped": _("Column of another type"),
        "new_code": _("Code that the list lacks"),
        # how a cost comes to a unit
        "DIRECT": _("Told of the unit"),
        "PARCEL_MASS": _("Of the parcel, by mass"),
        "PARCEL_VALUE": _("Of the parcel, by landed cost"),
        "PARCEL_EQUAL": _("Of the parcel, in equal parts"),
        "LOT_VALUE": _("Of the lot, by landed cost"),
        "LOT_EQUAL": _("Of the lot, in equal parts"),
        "NODE_MINUTES": _("Of the site, by minutes of work"),
        "NODE_EQUAL": _("Of the site, in equal parts"),
        "UNALLOCATED": _("Of no unit"),
        # what an expectation rests on
        "CATEGORY_GRADE": _("category and grade"),
        "CATEGORY": _("category"),
        "SKU": _("product"),
        "OVERALL": _("all goods"),
        "NONE": _("none"),
        # what forbids a route
        "RECALL": _("Recall"),
        "EXPIRED": _("Expired"),
        "RESALE_NOT_ALLOWED": _("Resale not allowed"),
        "VENDOR_TERMS": _("Vendor’s terms"),
        "GRADE": _("Grade"),
        # how customs treats what comes back
        "DUTIABLE": _("Dutiable"),
        "FREE_9813": _("Free, tariff item 9813"),
        "FREE_9814": _("Free, tariff item 9814"),
        "FREE_US_9801": _("Free, US heading 9801"),
        "DRAWBACK": _("With drawback"),
        "BONDED": _("In bond"),
        # where no source told
        "UNKNOWN": _("Unknown"),
        "ALL": _("All"),
    }
    return Words(codes)


def reason_families(language: Language) -> dict[str, str]:
    """What kinds of reasons for a return there are."""
    _ = language.gettext
    return {
        "CONTENT": _("Not as described"),
        "DAMAGE": _("Damage"),
        "DEFECT": _("Defect"),
        "DELIVERY": _("Delivery"),
        "EOL": _("End of life"),
        "FIT": _("Fit"),
        "FRAUD": _("Fraud"),
        "FULFILMENT": _("Fulfilment"),
        "OFF_CONTRACT": _("Off contract"),
        "OTHER": _("Other"),
        "PREFERENCE": _("Preference"),
        "QUALITY": _("Quality"),
        "REMORSE": _("Change of mind"),
        "SAFETY": _("Safety"),
        "SHELF": _("Shelf life"),
        "UNSOLD": _("Unsold"),
    }
