"""What a metric is made of: its measures, the models that hold them, and what those are made from, to the sources.

Read from dbt's manifest; a measure belongs to the ``fct_measure_*`` models whose SQL names its code.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

MEASURE_MODELS = "fct_measure_"


@dataclass(frozen=True)
class Node:
    """One model, seed or source: dbt's name of it, its own, and what it is said to hold."""

    unique_id: str
    name: str
    kind: str
    description: str


class Lineage:
    """The graph of one manifest."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self._nodes: dict[str, dict[str, Any]] = {**manifest["nodes"], **manifest["sources"]}
        self._parents: dict[str, list[str]] = manifest["parent_map"]

    @classmethod
    def read(cls, manifest: Path) -> Lineage:
        return cls(json.loads(manifest.read_text(encoding="utf-8")))

    def holding(self, measure_code: str) -> list[Node]:
        """The models that hold a measure."""
        return [self._node(each) for each, sql in self._measure_models.items() if f"'{measure_code}'" in sql]

    def named(self, name: str) -> Node | None:
        """The model of that name."""
        found = [
            each for each, node in self._nodes.items() if node["resource_type"] == "model" and node["name"] == name
        ]
        return self._node(found[0]) if found else None

    def made_from(self, unique_id: str) -> list[Node]:
        """What a model reads itself."""
        return [self._node(each) for each in sorted(self._parents.get(unique_id, ())) if each in self._nodes]

    def sources(self, unique_id: str) -> list[Node]:
        """The tables of the lake that a model comes from, however far back; a batch's own records are left out."""
        seen, waiting = {unique_id}, [unique_id]
        while waiting:
            for parent in self._parents.get(waiting.pop(), ()):
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        found = [self._node(each) for each in sorted(seen) if each.startswith("source.")]
        return [node for node in found if not node.name.startswith("lake.")]

    @cached_property
    def _measure_models(self) -> dict[str, str]:
        return {
            unique_id: node["raw_code"]
            for unique_id, node in sorted(self._nodes.items())
            if node["resource_type"] == "model" and node["name"].startswith(MEASURE_MODELS)
        }

    def _node(self, unique_id: str) -> Node:
        node = self._nodes[unique_id]
        is_source = node["resource_type"] == "source"
        name = f"{node['source_name']}.{node['name']}" if is_source else node["name"]
        return Node(unique_id, name, node["resource_type"], node["description"])
