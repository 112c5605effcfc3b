"""What has to be done from time to time, whatever arrives: old landed bytes are deleted, small batch files merged."""

from __future__ import annotations

import sys
from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import CronTriggerTimetable, dag

from backhaul.settings import PROJECT

DOC = """
* **maintain**: deletes landed bytes beyond their source's `retention_days` (`backhaul maintain`). What was read of
  them, and that they were there, stays. Its log says what was deleted, what waits for a person first, and which
  sources keep personal data without end. Then it merges small batch files of the lake, which readers do not notice.
  Running it again changes nothing.
"""


@dag(
    description="Retention of landed bytes, compaction of the lake.",
    doc_md=DOC,
    schedule=CronTriggerTimetable("30 2 * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    tags=["maintenance"],
    default_args={
        "owner": "data-engineering",
        "retries": 2,
        "retry_delay": timedelta(minutes=2),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=30),
        "execution_timeout": timedelta(hours=1),
    },
)
def maintain() -> None:
    """The DAG; its task only calls the command."""
    BashOperator(task_id="maintain", bash_command=f"'{sys.executable}' -m backhaul.cli maintain", cwd=str(PROJECT))


maintain()
