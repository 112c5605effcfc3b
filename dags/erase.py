"""A form: take a person out of landing, lake, quarantine and warehouse, with the proof."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Param, Variable, dag, get_current_context, task

from backhaul import forms

DOC = """
Triggered by hand, with a form (`backhaul erase`). What a form is filled with stays in Airflow's database, so the
person's number is no field of it:

1. Put the number into a **Variable** by the name `erase_customer`, which Airflow encrypts. Do it on the page (Admin,
   Variables): `airflow variables set` would note its command line.
2. Run this with **confirm** empty. The log says what would be done.
3. Run it with **confirm** set to `ERASE`. When the proof finds nothing more, the Variable is deleted.

The number stands in no log: it is blotted out of what the command says.
"""
WORD = "ERASE"


def command_of(source: str, confirm: str) -> list[str]:
    """The command line that a filled form stands for; the person's number is read from standard input."""
    return ["erase", "--customer=-", *([f"--source={source}"] if source else []), *(["--yes"] if confirm else [])]


@dag(
    description="A form: erase a person.",
    doc_md=DOC,
    params={
        "variable": Param("erase_customer", type="string", pattern="^[A-Za-z0-9_]+$", description="Holds the number."),
        "source": Param("", type="string", pattern="^([a-z0-9][a-z0-9_-]*)?$", description="Id; all when empty."),
        "confirm": Param("", type="string", pattern=f"^({WORD})?$", description=f"Type {WORD} to erase."),
    },
    **forms.run_by_hand(timedelta(hours=4)),
)
def erase() -> None:
    """The DAG; its task only calls the command."""

    @task
    def carry_out() -> None:
        """Run the command; what it says is in this log, and its failure fails the task."""
        filled: dict[str, Any] = dict(get_current_context()["params"])
        command = command_of(filled["source"], filled["confirm"])
        number = Variable.get(filled["variable"])
        # before it is done the command ends with 1: the person is still there
        forms.carry_out(command, secret=number, fine=(0,) if filled["confirm"] else (0, 1))
        if filled["confirm"]:
            Variable.delete(filled["variable"])

    carry_out()


erase()
