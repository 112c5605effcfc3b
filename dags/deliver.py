"""Send what is due for a new publish, and write its catalogue: whenever the published file is swapped."""

from __future__ import annotations

import sys
from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Asset, dag

from backhaul.settings import PROJECT

DOC = """
* **deliver**: sends the reports and alerts of `deliveries.yml` that are due (`backhaul deliver`). What went out is
  kept, so that a second try sends only the rest; what could not be sent is named at the end of the log, and fails the
  task.
* **catalogue**: writes the site of metrics, tables and models again (`backhaul catalogue`).

Neither waits for the other to succeed; they run one after the other. Each is a process of its own.
"""


@dag(
    description="Reports, alerts and the catalogue of a new publish.",
    doc_md=DOC,
    schedule=[Asset("backhaul://warehouse/published")],
    catchup=False,
    max_active_runs=1,
    max_active_tasks=1,
    tags=["delivery"],
    default_args={
        "owner": "analytics-engineering",
        "retries": 2,
        "retry_delay": timedelta(minutes=2),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=30),
        "execution_timeout": timedelta(hours=1),
    },
)
def deliver() -> None:
    """The DAG; its tasks only call the commands."""
    # people wait for the one, nobody for the other
    for command, weight in (("deliver", 2), ("catalogue", 1)):
        BashOperator(
            task_id=command,
            bash_command=f"'{sys.executable}' -m backhaul.cli {command}",
            cwd=str(PROJECT),
            priority_weight=weight,
        )


deliver()
