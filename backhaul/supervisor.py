"""``backhaul up``: Airflow and the dashboards of one home under one roof, ended together, with nothing left behind."""

from __future__ import annotations

import sys
import time

import httpx
import yaml
from rich.console import Console

from backhaul import headlines
from backhaul.errors import Explained
from backhaul.services import airflow_environment, progress
from backhaul.services.airflow_api import AirflowApi
from backhaul.services.alone import alone, check_ports, stoppable
from backhaul.services.cycle import BUILD_DAG, INGEST_DAGS, Cycle, CycleFailed, follow
from backhaul.services.errors import CannotRun, Stopped
from backhaul.services.processes import Service
from backhaul.services.stack import Stack
from backhaul.settings import PROJECT, Settings


def up(settings: Settings, once: bool = False) -> int:
    """Run everything until stopped, or with ``once`` until one whole cycle has published.

    Returns the process's exit code: 0 when it ended as asked, 1 with the cause printed when it could not do its work,
    130 when ``once`` was interrupted before its end.
    """
    # Soft wrap: addresses, file names and log lines stay whole in a pipe.
    console = Console(soft_wrap=True, highlight=False)
    try:
        with stoppable(), alone(settings) as run_id:
            check_ports(settings)
            env = airflow_environment.environment(settings)
            with Stack(run_id, env, settings.logs) as stack:
                try:
                    _Plot(settings, stack, console).play(once)
                finally:
                    console.print("Stopping the services ...")
    except Stopped:
        console.print("Stopped.")
        return 130 if once else 0
    except Explained as error:
        cause = str(error)
    except httpx.HTTPError as error:
        cause = f"Airflow's API failed: {error}\nIts log is {settings.logs / 'airflow-api-server.log'}."
    else:
        return 0
    console.print("[bold red]Error:[/] ", end="")
    console.print(cause, markup=False)
    return 1


class _Plot:
    """What happens in a life of the services, from the start to the steady state."""

    def __init__(self, settings: Settings, stack: Stack, console: Console) -> None:
        self.settings, self.stack, self.console = settings, stack, console
        self.api = AirflowApi(settings.airflow_port, settings.airflow_home / "logs")
        self.began = time.monotonic()

    def play(self, once: bool) -> None:
        """Start everything, run one cycle, show its figures; then stay, unless ``once``."""
        served = self.settings.pointer.exists()
        demo = self._begin_demo()
        self._start_dashboards()
        if served:
            self._show_figures("Served while the rest starts, from the last publish:")
            self._show_addresses()
        self._start_airflow()
        if demo is not None:
            self.stack.finish(demo, "The demo business could not be created")
        self._run_cycle(must_succeed=once or not served)
        if once:
            return
        self._show_addresses()
        self.console.print("The daily schedule is running. Ctrl-C stops everything.")
        while True:
            self.stack.check()
            time.sleep(1.0)

    def _begin_demo(self) -> Service | None:
        """Start to create the demo business when no source is configured."""
        path = self.settings.sources_file
        if self.settings.sources is not None and not path.exists():
            raise CannotRun(f"BACKHAUL_SOURCES names {path}, which does not exist. Write it, or unset the variable.")
        configured = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None
        if configured and configured.get("sources"):
            return None
        self.console.print(f"No source is configured in {path}: creating the demo business.", markup=False)
        return self.stack.begin("demo", [sys.executable, "-m", "backhaul.cli", "simulate"])

    def _start_dashboards(self) -> None:
        options = {
            "server.address": "127.0.0.1",
            "server.port": str(self.settings.dashboard_port),
            "server.headless": "true",
            "server.fileWatcherType": "none",
        }
        page = str(PROJECT / "dashboards" / "app.py")
        arguments = [f"--{name}={value}" for name, value in options.items()]
        self.stack.start("dashboards", [sys.executable, "-m", "streamlit", "run", page, *arguments])

    def _start_airflow(self) -> None:
        self.console.print("Starting Airflow ...")
        if not airflow_environment.migrated(self.settings):
            migration = self.stack.begin("airflow-db", airflow_environment.command("db", "migrate"))
            self.stack.finish(migration, "Airflow's metadata database could not be created")
            airflow_environment.mark_migrated(self.settings)
        for name, arguments in airflow_environment.COMPONENTS.items():
            self.stack.start(f"airflow-{name}", airflow_environment.command(*arguments))
        self.stack.wait_until(self.api.answers, "Airflow's API server does not answer")
        self.api.ensure_pool(airflow_environment.WRITER_POOL, 1, "The one process that may write the warehouse.")
        self.stack.wait_until(lambda: not self.api.unhealthy(), "Airflow's scheduler or DAG processor is not healthy")
        self.stack.wait_until(self._dags_are_parsed, "The DAGs have not been parsed")

    def _dags_are_parsed(self) -> bool:
        if errors := self.api.import_errors():
            raise CannotRun("A DAG file cannot be imported:\n" + "\n".join(errors))
        return {*INGEST_DAGS, BUILD_DAG} <= self.api.dag_ids()

    def _run_cycle(self, must_succeed: bool) -> None:
        cycle = Cycle(self.api)
        cycle.start()
        self.console.print(f"Airflow is up after {self._clock()}: ingesting, then building the warehouse.")
        try:
            with progress.shown(self.console) as show:
                follow(cycle, self.stack.check, show)
        except CycleFailed as error:
            if must_succeed:
                raise
            self._warn(f"The new cycle failed, so the last publish stays.\n{error}")
            return
        finally:
            for warning in cycle.warnings:
                self._warn(warning)
        self.stack.wait_until(self._dashboards_answer, "The dashboards do not answer")
        self._show_figures(f"Published after {self._clock()}:")

    def _dashboards_answer(self) -> bool:
        address = f"http://127.0.0.1:{self.settings.dashboard_port}/_stcore/health"
        try:
            return httpx.get(address, timeout=2.0, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def _show_figures(self, heading: str) -> None:
        self.console.print(f"\n[bold]{heading}[/]")
        for headline in headlines.read(self.settings):
            self.console.print(f"  {headline.line(self.settings.reporting_currency)}", markup=False)
        self.console.print()

    def _show_addresses(self) -> None:
        self.console.print(f"Dashboards  http://127.0.0.1:{self.settings.dashboard_port}")
        self.console.print(f"Airflow     http://127.0.0.1:{self.settings.airflow_port}")
        self.console.print(f"Data Docs   {(self.settings.data_docs / 'index.html').as_uri()}")

    def _warn(self, text: str) -> None:
        self.console.print("[bold yellow]Warning:[/] ", end="")
        self.console.print(text, markup=False)

    def _clock(self) -> str:
        return f"{time.monotonic() - self.began:.0f} s"
