"""Settings and paths: where everything generated lives, and what is configurable.

Every value can be set by an environment variable with the prefix ``BACKHAUL_``
(``BACKHAUL_HOME``, ``BACKHAUL_DASHBOARD_PORT``, ...). Nothing here reads a secret.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """The configuration of one installation; paths are absolute once resolved."""

    model_config = SettingsConfigDict(env_prefix="BACKHAUL_", extra="ignore")

    home: Path = Field(PROJECT / "var", description="Everything generated lives below it.")
    sources: Path | None = Field(None, description="sources.yml; default <home>/sources.yml.")
    reporting_currency: str = Field(
        "CAD", pattern="^[A-Z]{3}$", description="ISO 4217 currency of every reporting amount."
    )
    namespace: str = Field(
        "https://backhaul.invalid",
        pattern=r"^https?://[^\s?#]*[^\s/?#]$",
        description="URL of yours below which exported events name things, places and decisions without a GS1 key.",
    )
    airflow_port: int = 8080
    dashboard_port: int = 8501
    dashboard_url: str | None = Field(None, description="Of the dashboards, in what is sent; default: this machine.")
    ingest_schedule: str = Field("0 4 * * *", description="Cron, UTC, of the ingest DAGs; running oftener is harmless.")
    build_schedule: str = Field("0 6 * * *", description="Cron, UTC, of the build that needs no news to start.")
    keep_publishes: int = Field(5, ge=2, description="Published files kept for rollback.")
    wait_seconds: float = Field(900, ge=0, description="How long a run waits for another that it must not meet.")
    memory_limit: str = Field("3GB", description="Memory that DuckDB may use; its process needs some more.")
    ingest_memory_limit: str = Field("1GB", description="The same while one file is read: what is more goes to disk.")
    threads: int = Field(2, ge=1, description="Threads of one DuckDB process.")
    build_niceness: int = Field(
        10, ge=0, le=19, description="How far a build gives way to readers of the pages; 0: not."
    )
    sql_seconds: float = Field(20, gt=0, description="How long one query of the SQL page may run.")
    sql_megabytes: int = Field(512, ge=64, description="Memory of one query of the SQL page.")
    sql_rows: int = Field(50_000, ge=1, description="Rows that the SQL page gives out for one query.")
    sql_processes: int = Field(3, ge=1, description="Queries of the SQL page that may run at once.")

    @cached_property
    def root(self) -> Path:
        """The home as an absolute path (relative homes are taken from the project, not the shell's folder)."""
        return self.home if self.home.is_absolute() else (PROJECT / self.home)

    @property
    def sources_file(self) -> Path:
        return self.sources or self.root / "sources.yml"

    @property
    def drop(self) -> Path:
        """Where files to be ingested are put; relative ``path`` entries of sources.yml start at the home."""
        return self.root / "drop"

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def pulls(self) -> Path:
        """What pulls that were interrupted had got, by source."""
        return self.root / "pulls"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def receipts(self) -> Path:
        return self.lake / "receipts"

    @property
    def compacted(self) -> Path:
        return self.lake / "compacted"

    @property
    def held(self) -> Path:
        return self.lake / "held"

    @property
    def build_db(self) -> Path:
        return self.root / "warehouse" / "build.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def pointer(self) -> Path:
        return self.published / "current.json"

    @property
    def data_docs(self) -> Path:
        return self.root / "data_docs"

    @property
    def dbt_target(self) -> Path:
        return self.root / "dbt"

    @property
    def airflow_home(self) -> Path:
        return self.root / "airflow"

    @property
    def source_runs(self) -> Path:
        """What the last run over each source came to."""
        return self.root / "source_runs"

    @property
    def run(self) -> Path:
        """Pid files and locks of running services."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        return self.root / "logs"


def get_settings() -> Settings:
    """The settings as the environment gives them now (cheap; never cached, so that tests can vary them)."""
    return Settings()
