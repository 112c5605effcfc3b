"""The rooms of the tree and who may know whom (README): read from the imports, those inside functions included."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from backhaul.settings import PROJECT

ROOMS = {"backhaul", "ingestion", "expectations", "simulator", "dashboards", "dags", "dbt_project", "bench", "tests"}
# What each room may import besides itself; libraries that only one room may touch stand below.
MAY_USE: dict[str, set[str]] = {
    "backhaul": set(),
    "expectations": {"backhaul"},
    "ingestion": {"backhaul", "expectations"},
    "simulator": {"backhaul"},
    "dashboards": {"backhaul"},
    "dags": {"backhaul", "ingestion", "expectations"},
    "dbt_project": {"backhaul", "ingestion"},
    "bench": {"backhaul", "dashboards", "ingestion", "simulator"},
}
LIBRARIES = {
    "airflow": {"dags"},
    "dbt": {"backhaul"},
    "great_expectations": {"expectations"},
    # the bench reads pages as a browser does, in Streamlit's own messages
    "streamlit": {"dashboards", "bench"},
}
# The command line puts the rooms together.
COMPOSES = {f"backhaul/{name}.py" for name in ("cli", "batch_commands", "erase_command", "source_commands")}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("room", sorted(MAY_USE))
def test_a_room_knows_only_whom_it_may(room: str) -> None:
    modules = sorted((PROJECT / room).rglob("*.py"))
    assert modules
    for module in modules:
        name = module.relative_to(PROJECT).as_posix()
        if name in COMPOSES:
            continue
        used = _imports(module)
        assert used & ROOMS <= MAY_USE[room] | {room}, name
        for library, rooms in LIBRARIES.items():
            assert library not in used or room in rooms, f"{name} imports {library}"
