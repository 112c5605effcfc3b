"""A form: test a source as it is configured, or see what a file would become."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from airflow.sdk import Connection, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowNotFoundException

from backhaul import forms
from backhaul.settings import get_settings

DOC = """
Triggered by hand, with a form. The same as on the command line; the log holds what the command says. Nothing is kept.

| action | shows | needs |
| --- | --- | --- |
| test | a source's entry, its contract and connection, and what its first file would become | source |
| preview | what a file of the home would become (`drop/returns.csv`) | file |
"""


def command_of(action: str, source: str, file: str, kind: str) -> list[str]:
    """The command line that a filled form stands for. Raises ``ValueError`` for a field that is missing."""
    if action == "test":
        if not source:
            raise ValueError("To test a source, name it.")
        return ["source", "test", source]
    if not file:
        raise ValueError("To preview a file, name it, from the home on.")
    return ["source", "preview", str(get_settings().root / file), *([f"--kind={kind}"] if kind else [])]


@dag(
    description="A form: test a source, preview a file.",
    doc_md=DOC,
    params={
        "action": Param("test", type="string", enum=["test", "preview"]),
        "source": Param("", type="string", pattern="^([a-z0-9][a-z0-9_-]*)?$", description="Id in sources.yml."),
        "file": Param("", type="string", pattern="^([^/.-][^/]*(/[^/.][^/]*)*)?$", description="Path below the home."),
        "kind": Param("", type="string", pattern="^[a-z0-9_]*$", description="Kind of source; guessed when empty."),
    },
    **forms.run_by_hand(timedelta(minutes=30)),
)
def try_source() -> None:
    """The DAG; its task only calls the command."""

    @task
    def carry_out() -> None:
        """Run the command; what it says is in this log, and its failure fails the task."""
        from backhaul import connections
        from backhaul.errors import Explained
        from ingestion.config import find_source

        filled: dict[str, Any] = dict(get_current_context()["params"])
        arguments = command_of(**filled)
        # what is wrong with the entry, or lacks, the command says
        with suppress(Explained, AirflowNotFoundException):
            origin = find_source(get_settings(), filled["source"]).origin
            if connection_id := getattr(origin, "connection", None):
                connections.lend(connection_id, Connection.get(connection_id).as_json())
        forms.carry_out(arguments)

    carry_out()


try_source()
