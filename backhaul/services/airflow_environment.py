"""Airflow for one machine, configured by environment variables only: SQLite, loopback, no examples.

These are the components of ``airflow standalone`` started one by one. The command itself would also start a
triggerer, which no DAG here needs, and two log servers that listen on every interface and cannot be told not to.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from base64 import urlsafe_b64encode
from importlib.metadata import version
from pathlib import Path

from backhaul import telemetry
from backhaul.settings import PROJECT, Settings

WRITER_POOL = "warehouse_writer"
_AUTH_MANAGER = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
COMPONENTS: dict[str, tuple[str, ...]] = {
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "api-server": ("api-server",),
}


def command(*arguments: str) -> list[str]:
    """An Airflow command of this very environment, whatever PATH says."""
    return [sys.executable, "-m", "airflow", *arguments]


def _base_environment(settings: Settings) -> dict[str, str]:
    """The environment of every service: ours first on PATH, this home, telemetry off, loopback never proxied."""
    env = dict(os.environ)
    loopback = "127.0.0.1,localhost"
    env.update(
        BACKHAUL_HOME=str(settings.root),
        PATH=os.pathsep.join((str(Path(sys.executable).parent), env.get("PATH", os.defpath))),
        PYTHONPATH=os.pathsep.join(filter(None, (str(PROJECT), env.get("PYTHONPATH")))),
        PYTHONUNBUFFERED="1",
        NO_PROXY=",".join(filter(None, (env.get("NO_PROXY"), loopback))),
        no_proxy=",".join(filter(None, (env.get("no_proxy"), loopback))),
        # Airflow renames its processes; without this the new name would overwrite the environment that marks them.
        SPT_NOENV="1",
    )
    telemetry.switch_off(env)
    return env


def environment(settings: Settings) -> dict[str, str]:
    """The environment of Airflow's components; settings that a user gives by AIRFLOW__* stay unless named here."""
    home, address = settings.airflow_home, f"http://127.0.0.1:{settings.airflow_port}"
    return (
        _base_environment(settings)
        | _secrets(home)
        | {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW_CONFIG": str(home / "airflow.cfg"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}?timeout=30",
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "3",
            "AIRFLOW__CORE__AUTH_MANAGER": _AUTH_MANAGER,
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            # The default asks the name service for the host's full name: slow offline, and traffic that nobody needs.
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(settings.airflow_port),
            "AIRFLOW__API__BASE_URL": address,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
            # Hundreds of lines about its own insides, in which ours would drown.
            "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "great_expectations=WARNING",
            "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
        }
    )


def migrated(settings: Settings) -> bool:
    """Whether the metadata database is up to date with the installed Airflow (asking Airflow takes 8 s each time)."""
    mark = _migration_mark(settings)
    return mark.exists() and mark.read_text(encoding="utf-8") == version("apache-airflow")


def mark_migrated(settings: Settings) -> None:
    """Remember that ``airflow db migrate`` succeeded for the installed version."""
    _migration_mark(settings).write_text(version("apache-airflow"), encoding="utf-8")


def _migration_mark(settings: Settings) -> Path:
    return settings.airflow_home / "migrated"


def _secrets(home: Path) -> dict[str, str]:
    """The keys of this home: made at its first start, kept, and readable by its owner only."""
    path = home / "secrets.json"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        keys = {
            "AIRFLOW__CORE__FERNET_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(48),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(48),
        }
        temporary = path.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(keys, file)
        temporary.replace(path)
    stored: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return stored
