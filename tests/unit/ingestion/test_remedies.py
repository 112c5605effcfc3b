"""Every rule by which something is kept out says what to do about it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from backhaul.settings import PROJECT
from ingestion.contract import LAKE_TYPES
from ingestion.remedies import REMEDIES

WORD = re.compile(r"[a-z]+(_[a-z]+)*")
# Where a rule stands in the call or tuple that tells it.
CALLS = {"Unreadable": 0, "Fault": 1, "refuse": 1, "Broken": 0, "fault": 0, "reading": 0, "_copy": 1}
PACKED = re.compile(r"'([a-z_]+)' \|\| \{SEPARATOR\}|THEN '([a-z_]+)'|SELECT _row, '([a-z_]+)'|ELSE '([a-z_]+)' END,")


def _told(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        found: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = CALLS.get(name)
            found = node.args[place : place + 1] if place is not None else []
        elif isinstance(node, ast.Yield) and path.name == "columns.py" and isinstance(node.value, ast.Tuple):
            found = node.value.elts[1:2]
        elif isinstance(node, ast.Tuple) and node.elts and isinstance(node.elts[0], ast.Constant):
            # a fault on its way: (rule, detail)
            found = [
                item for item in node.elts[:1] if str(getattr(item, "value", "")).startswith(("envelope_", "document_"))
            ]
        elif isinstance(node, ast.FunctionDef) and node.name in ("fault_of", "_fault_of_objects", "repair"):
            found = [
                item.elts[0] for item in ast.walk(node) if isinstance(item, ast.Tuple) and len(item.elts) in (2, 3)
            ]
            found += [item.body for item in ast.walk(node) if isinstance(item, ast.IfExp)]
            found += [item.orelse for item in ast.walk(node) if isinstance(item, ast.IfExp)]
        yield from (each.value for each in found if isinstance(each, ast.Constant) and isinstance(each.value, str))
    yield from (next(filter(None, groups)) for groups in PACKED.findall(text))
    if path.name == "columns.py":
        yield from (f"not_a_{kind}" for kind in LAKE_TYPES if kind not in ("string", "json"))
        yield "no_evidence"


def rules() -> set[str]:
    found = {rule for path in (PROJECT / "ingestion").rglob("*.py") for rule in _told(path)}
    return {rule for rule in found if WORD.fullmatch(rule)}


def test_every_rule_has_a_remedy_and_every_remedy_a_rule():
    assert rules() == set(REMEDIES)


def test_the_remedies_are_sentences():
    assert all(text[0].isupper() and text.endswith(".") for text in REMEDIES.values())
