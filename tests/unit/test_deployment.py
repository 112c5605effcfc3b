"""docker-compose.yml: no secret in it, everything that lives is watched, nothing listens beyond loopback unasked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
LONG_LIVED = [name for name, service in SERVICES.items() if service.get("restart") != "no"]


def test_all_services_are_there() -> None:
    assert set(LONG_LIVED) == {
        "postgres",
        "airflow-api-server",
        "airflow-scheduler",
        "airflow-dag-processor",
        "dashboards",
    }


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_from_outside_and_are_required(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if re.search("PASSWORD|SECRET|KEY|CONN", key) and not key.endswith("_FILE"):
            assert re.search(r"\$\{[A-Z_]+:\?", value), f"{name}: {key} has a value of its own"


@pytest.mark.parametrize("name", LONG_LIVED)
def test_what_lives_is_watched_and_started_again(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_a_running_build_can_report_until_the_scheduler_has_stopped() -> None:
    scheduler = SERVICES["airflow-scheduler"]
    assert scheduler["stop_grace_period"] == "2m"
    # Compose stops what depends on a service before the service.
    assert {"airflow-api-server", "postgres"} <= set(scheduler["depends_on"])


def test_the_database_is_probed_as_its_clients_reach_it() -> None:
    # On its socket the server that only sets up a new data folder would answer.
    assert "--host" in SERVICES["postgres"]["healthcheck"]["test"]


def test_the_dashboards_ask_no_server_for_their_address() -> None:
    assert "--browser.serverAddress=localhost" in SERVICES["dashboards"]["command"]


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_on_loopback(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


def test_every_service_of_ours_has_the_telemetry_switches() -> None:
    ours = [service for service in SERVICES.values() if service["image"] == "backhaul:local"]
    assert len(ours) == 5
    assert all("backhaul/telemetry.env" in service["env_file"] for service in ours)


def test_one_service_builds_the_image_of_all() -> None:
    assert [name for name, service in SERVICES.items() if "build" in service] == ["airflow-init"]


def test_the_image_runs_as_an_ordinary_user() -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    users = re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE)
    assert users == ["backhaul"]


def test_only_what_the_example_lists_is_asked_for() -> None:
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    example = (PROJECT / "docker" / "env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{([A-Z_]+):\?", text)) == set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE))
