"""One ingest DAG per domain: every configured source is a mapped task, and an asset tells the warehouse to build."""

from __future__ import annotations

import logging
from datetime import timedelta

from airflow.sdk import DAG, Asset, Connection, dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException

from backhaul.settings import get_settings

DOMAINS = {"returns": "ingest_returns", "carrier": "ingest_carriers", "inventory": "ingest_inventory"}

DOC = """
Brings in what is new from every source of the domain **{domain}** in `sources.yml`: land, parse, check, commit.

* A source that fails does not stop the others: they commit, the asset is emitted, and this run ends as failed.
* Running it again is safe: the same bytes are the same batch.
* Rows that could not be read are in quarantine, batches that failed their checks are held: `backhaul status`.
"""


def ingest_dag(domain: str, dag_id: str) -> DAG:
    """The ingest DAG of one domain."""

    @dag(
        dag_id=dag_id,
        description=f"Land, parse, check and commit what is new from every {domain} source.",
        doc_md=DOC.format(domain=domain),
        schedule=get_settings().ingest_schedule,
        # No start_date: a fresh installation waits for the next 04:00 instead of making up for the last one.
        catchup=False,
        max_active_runs=1,
        tags=["ingest", domain],
        default_args={
            "owner": "data-engineering",
            "retries": 2,
            "retry_delay": timedelta(seconds=30),
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(minutes=10),
            "execution_timeout": timedelta(hours=2),
        },
    )
    def ingest() -> None:
        @task(execution_timeout=timedelta(minutes=5))
        def list_sources() -> list[str]:
            """The ids of the sources of this domain, as configured at this moment."""
            from ingestion.config import sources_of

            return [source.id for source in sources_of(get_settings(), domain)]

        @task(map_index_template="{{ task.op_kwargs['source_id'] }}")
        def ingest_source(source_id: str) -> None:
            """Ingest one source. What waiting cannot mend is not tried again."""
            from backhaul import connections
            from backhaul.errors import Explained
            from ingestion.batch import ingest as ingest_batches
            from ingestion.config import find_source

            settings = get_settings()
            try:
                for connection_id in find_source(settings, source_id).origin.connections:
                    # Airflow knows the secret (environment, backend, its database); our code reads the environment.
                    connections.lend(connection_id, Connection.get(connection_id).as_json())
                report = ingest_batches(source_id, (), settings)
            except (Explained, AirflowNotFoundException, FileNotFoundError) as error:
                if isinstance(error, Explained) and error.is_transient:
                    raise
                raise AirflowFailException(str(error)) from error
            logging.getLogger(__name__).info("%s", report)
            if report.held:
                held = "; ".join(str(hold) for hold in report.held)
                raise AirflowFailException(f"Batches wait for a decision (backhaul batch release or reject): {held}")

        @task(trigger_rule="all_done", outlets=[Asset(f"backhaul://lake/{domain}")])
        def announce() -> None:
            """Tell the warehouse that this domain has been brought in, as far as its sources allowed."""

        @task(trigger_rule="none_failed")
        def every_source_ingested() -> None:
            """Fails with the source that failed, so that the run shows it."""

        ingested = ingest_source.expand(source_id=list_sources())
        ingested >> [announce(), every_source_ingested()]

    return ingest()


for _domain, _dag_id in DOMAINS.items():
    globals()[_dag_id] = ingest_dag(_domain, _dag_id)
