"""Build the warehouse from the lake, audit it and publish it: when every domain has news, and daily in any case."""

from __future__ import annotations

import logging
from datetime import timedelta

from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowFailException

from backhaul.settings import get_settings

log = logging.getLogger(__name__)

DOMAINS = ("returns", "carrier", "inventory")

DOC = """
1. **build**: one dbt process over the committed batches; each model's status and time is in this task's log and in
   the warehouse's run tables.
2. **publish**: audits the marts and, only if they pass, swaps the published file.

Only one build runs at a time (pool `warehouse_writer`, one slot). It starts when all domains have been ingested, and
daily in any case, so that one broken domain does not hold the others back. A failed build or audit publishes nothing:
the previous figures stay.
"""


@dag(
    description="dbt build, audit, and the atomic swap of the published warehouse.",
    doc_md=DOC,
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable(get_settings().build_schedule, timezone="UTC"),
        assets=[Asset(f"backhaul://lake/{domain}") for domain in DOMAINS],
    ),
    catchup=False,
    max_active_runs=1,
    tags=["warehouse"],
    default_args={
        "owner": "analytics-engineering",
        "pool": "warehouse_writer",
        "retries": 1,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": True,
        "execution_timeout": timedelta(hours=4),
    },
)
def build_warehouse() -> None:
    """The DAG; its tasks only call the steps."""

    @task
    def build() -> None:
        """One dbt process; a failing model or test fails the task with its name and is not tried again."""
        from backhaul.build import build as build_step
        from backhaul.errors import Explained

        try:
            result = build_step(get_settings())
        except Explained as error:
            if error.is_transient:
                raise
            raise AirflowFailException(str(error)) from error
        log.info("%s", result)
        for warning in result.warnings:
            log.warning("%s", warning)

    @task(outlets=[Asset("backhaul://warehouse/published")])
    def publish() -> None:
        """Audit and swap; a failing gate fails the task and leaves the last publish in place."""
        from backhaul.errors import Explained
        from backhaul.publishing import publish as publish_step
        from expectations.marts import audit_marts

        try:
            published = publish_step(get_settings(), audit_marts)
        except Explained as error:
            if error.is_transient:
                raise
            raise AirflowFailException(str(error)) from error
        log.info("published %s", published.publish_id)

    build() >> publish()


build_warehouse()
