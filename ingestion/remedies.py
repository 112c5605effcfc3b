"""What to do about a row or a file that could not be taken: one sentence per rule."""

from __future__ import annotations

MEND = "Correct it at its source and send it again, or export the row, mend it and retry it."

REMEDIES = {
    # a record's form
    "too_few_columns": f"The line has fewer fields than the header, often a stray line break. {MEND}",
    "too_many_columns": f"The line has more fields than the header, often a delimiter that is not quoted. {MEND}",
    "unclosed_quote": f"A quote is opened and not closed. {MEND} If the format does not quote, declare `quote: null`.",
    "broken_quoting": f"A quote stands inside a field. {MEND} If the format does not quote, declare `quote: null`.",
    "record_too_long": "The record exceeds 2 MB, mostly for want of a closing quote: correct the line at its source.",
    "nul_character": f"The record holds a NUL character, shown as \\x00. {MEND}",
    "invalid_encoding": "Bytes are no text in its encoding: export it again, or declare `encodings`, and replay.",
    "invalid_json": f"The line is no JSON object. {MEND}",
    "duplicate_key": f"A key stands twice in an object, and which one counts is unknown. {MEND}",
    "too_deep": "The value is nested deeper than any known source: look at it, and reject it if it is an attack.",
    "lone_surrogate": f"The text holds half a character. {MEND}",
    "orphan": "The line names a parent that the file does not hold: ask for the whole bulk operation again.",
    "nameless_child": "The line has a parent and no place under it that is known: read it, the vendor may add a list.",
    "no_record": "The document holds nothing that the description knows: add a record to it, or read it as harmless.",
    "no_event": "The JSON holds no EPCIS event: reject it if it is a stray one.",
    "unknown_event_type": f"The event is of no kind that EPCIS has. {MEND}",
    "unknown_action": f"The action is none of ADD, OBSERVE and DELETE. {MEND}",
    "invalid_offset": f"The offset of the event's time zone is not written like +02:00. {MEND}",
    "no_objects": f"The event names neither thing nor place. {MEND}",
    "not_xml": "The file is no XML: reject it if it is a stray one.",
    "invalid_xml": "The XML is broken, the file may be cut: ask for it to be sent again.",
    "document_type": "XML with a document type can be an attack and is not read: ask for it without one.",
    "not_epcis": "The XML is no EPCIS: reject it if it is a stray one.",
    "not_edifact": "The file is no EDIFACT interchange: reject it if it is a stray one.",
    "not_xml": "The file is no XML: reject it if it is a stray one.",
    "not_epcis": "The file holds no EPCIS document: reject it if it is a stray one.",
    "invalid_xml": "From here on the file is no XML, it may be cut: ask for it to be sent again.",
    "document_type": "The file declares a document type, a way of attacks: have it sent without, and reject this one.",
    "no_event": f"It stands where an event should and is none. {MEND}",
    "document_too_long": "The document is longer than any known source writes: split it, or reject it.",
    "envelope_control_number": "Opening and closing of an envelope bear other numbers: ask for it to be sent again.",
    "envelope_segment_count": "The set holds another number of segments than it says: ask for it to be sent again.",
    "envelope_set_count": "The group holds another number of sets than it says: ask the partner what is missing.",
    "envelope_group_count": "The interchange holds another number of groups than it says: ask what is missing.",
    "envelope_unclosed": "An envelope is not closed, the file may be cut: ask for it to be sent again.",
    "envelope_stray": "The text stands outside of every set: read it, and ask the partner if it should be within one.",
    "no_object": "The answer has no object with a type and an id: read its text, it is often harmless.",
    "api_error": "The service answered with an error: read its text; the next pull asks again.",
    "unreadable": "Count and content of the records disagree: look at the file, and report it if it seems sound.",
    # a value
    "not_a_integer": f"The text is not a whole number. {MEND}",
    "not_a_decimal": f"The text is not a number; a thousands separator or decimal comma is not read. {MEND}",
    "not_a_rate": f"The text is not a number. {MEND}",
    "not_a_timestamp": f"The text is no date and time. {MEND} Or add its style to `formats`, and replay.",
    "not_a_date": f"The text is no date. {MEND} Or add its style to `formats`, and replay.",
    "not_a_boolean": f"The text is neither true nor false. {MEND}",
    "not_a_whole_number": f"The number has decimals where units are counted; nothing is rounded. {MEND}",
    "more_decimals_than_kept": f"The number has more decimals than are kept; nothing is rounded. {MEND}",
    "time_in_a_date": f"A time of day stands where a date is kept; nothing is cut off. {MEND}",
    "required_missing": f"A value that every row needs is empty. {MEND}",
    "no_evidence": f"None of the identifiers that could name the unit is there. {MEND}",
    "below_minimum": f"The value is below what the contract allows. {MEND} Or widen the contract, and replay.",
    "above_maximum": f"The value is above what the contract allows. {MEND} Or widen the contract, and replay.",
    "unknown_code": f"The code is not in the contract's list. {MEND} Or add it to the contract, and replay.",
    "unrouted": "No route of the description takes the record: add a route, raise its version, and replay.",
    # a file
    "missing_required_column": "The file lacks a column: correct it, or add the new name to `aliases`, and replay.",
    "duplicate_header": "Two columns are the same: rename one in the file, or take an alias out, and replay.",
    "unrecognised_file": "No table has these columns: reject the file if it is a stray one, or correct the contract.",
    "binary": "The file is not text: export it as text or Parquet, as its contract says.",
    "archive": "ZIP archives are not opened: put the files themselves in the folder, and reject this one.",
    "broken_gzip": "The compressed file is damaged: send it again, and reject this one.",
    "unpacks_too_large": "The file unpacks to more than is safe: split it, and reject this one.",
    "encoding": "The file is not text in its encoding: export it again, or declare `encodings`, and replay.",
    "broken_parquet": "The Parquet file is damaged: send it again, and reject this one.",
}


def remedy(rule: str) -> str:
    """What to do about a rule's rows; the rules of a user's own description are explained by it."""
    return REMEDIES.get(rule, "Kept out by a route of the source's description: change the route, and replay.")
