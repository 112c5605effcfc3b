"""A form for those who live in Airflow: release or reject a held batch, replay, or read files with open rows again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, dag, get_current_context, task

from backhaul import forms

DOC = """
Triggered by hand, with a form. The same as on the command line; the log holds what the command says.

| action | does | needs |
| --- | --- | --- |
| release, reject | decides on a held batch | batch, reason |
| replay | reads landed files again and shows what differs | source or batch |
| retry | the same for the files of a source with rows open in quarantine | source |

A replay or retry changes nothing unless **commit** is set: look at the log of a run without it first.
"""
COMMANDS = {
    "release": ("batch", "release"),
    "reject": ("batch", "reject"),
    "replay": ("replay",),
    "retry": ("quarantine", "retry"),
}


def command_of(action: str, batch: str, source: str, reason: str, commit: bool) -> list[str]:
    """The command line that a filled form stands for. Raises ``ValueError`` for a field that is missing."""
    if action in ("release", "reject"):
        if not (batch and reason):
            raise ValueError(f"To {action} a batch, name the batch and the reason.")
        return [*COMMANDS[action], batch, f"--reason={reason}"]
    if not (source or batch):
        raise ValueError(f"To {action}, name a source or a batch.")
    named = {"source": source, "batch": batch}
    return [
        *COMMANDS[action],
        *(f"--{name}={value}" for name, value in named.items() if value),
        *(["--yes"] if commit else []),
    ]


@dag(
    description="A form: release, reject, replay, retry.",
    doc_md=DOC,
    params={
        "action": Param("replay", type="string", enum=[*COMMANDS]),
        "batch": Param("", type="string", pattern="^[0-9a-f]{0,32}$", description="Id, or how it begins."),
        "source": Param("", type="string", pattern="^([a-z0-9][a-z0-9_-]*)?$", description="Id in sources.yml."),
        "reason": Param("", type="string", description="Why; it is kept."),
        "commit": Param(False, type="boolean", description="Commit what a replay or retry shows."),
    },
    **forms.run_by_hand(timedelta(hours=2)),
)
def decide() -> None:
    """The DAG; its task only calls the command."""

    @task
    def carry_out() -> None:
        """Run the command; what it says is in this log, and its failure fails the task."""
        filled: dict[str, Any] = dict(get_current_context()["params"])
        forms.carry_out(command_of(**filled))

    carry_out()


decide()
