"""The same business from files and as its carrier platform serves it: a real server, pulled from by the ingestion."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import httpx
import pytest
import yaml

from backhaul import receipts
from backhaul.connections import ConnectionMissing
from backhaul.settings import PROJECT, Settings
from ingestion import batch, profile, quarantine
from simulator.days import simulate_until
from simulator.demo import simulate
from simulator.vendors.serve import NothingToServe, serve
from tests.integration.servers import free_port, running
from tests.unit.simulator.test_demo import label_rows

SEED, UNITS = 5, 500
KEY = {"conn_type": "http", "login": "EZTK-simulated"}
SECRET = {"conn_type": "http", "password": "hush"}
CONNECTIONS = {"AIRFLOW_CONN_EASYPOST": json.dumps(KEY), "AIRFLOW_CONN_EASYPOST_EVENTS": json.dumps(SECRET)}
# Where trackers go: the webhooks and their files hold nothing else of that table.
TRACKERS = "backhaul__shipments"
# A record's versions: (key, content, when it was so), by table.
Versions = dict[str, set[tuple[str, str, object]]]

INGEST = """
import sys
from pathlib import Path
from backhaul.settings import Settings
from ingestion import batch, profile
profile.check = lambda con, settings, source, batches: {key: [] for key in batches}
batch.ingest("easypost", settings=Settings(home=Path(sys.argv[1])))
"""


def ungated(con: object, settings: object, source: object, batches: Iterable[str]) -> dict[str, list[object]]:
    return {key: [] for key in batches}


@pytest.fixture(autouse=True)
def _ungated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "check", ungated)
    for name, value in CONNECTIONS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The business as it is simulated; read it, never change it."""
    home = tmp_path_factory.mktemp("business")
    simulate(home, seed=SEED, units=UNITS, api_port=8795)
    return home


def copy(business: Path, home: Path, origin: dict[str, object] | None, pattern: str = "*.json") -> Settings:
    """A home of the same business: its platform's files that a pattern picks, pulled as ``origin`` says, or read."""
    for file in (business / "drop" / "easypost").glob(pattern):
        (home / "drop" / "easypost").mkdir(parents=True, exist_ok=True)
        shutil.copy(file, home / "drop" / "easypost")
    shutil.copytree(business / "truth", home / "truth")
    listing = yaml.safe_load((business / "sources.yml").read_text())
    by_id = {source["id"]: source for source in listing["sources"]}
    by_id["easypost"]["from"] |= origin or {}
    if origin is None:
        by_id["easypost"]["from"] = {"type": "files", "path": "drop/easypost"}
    (home / "sources.yml").write_text(yaml.safe_dump(listing))
    return Settings(home=home)


def by_http(port: int, page_size: int = 20) -> dict[str, object]:
    return {"base_url": f"http://127.0.0.1:{port}/v2", "page_size": page_size}


@pytest.fixture(scope="module")
def files(business: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The platform's files, ingested; read it, never change it."""
    settings = copy(business, tmp_path_factory.mktemp("files"), None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profile, "check", ungated)
        batch.ingest("easypost", settings=settings)
    return settings


@contextmanager
def served(settings: Settings, port: int, *options: str) -> Iterator[str]:
    """The address of the vendors' server, while it runs."""
    env = os.environ | CONNECTIONS | {"BACKHAUL_HOME": str(settings.root), "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "backhaul.cli", "vendors", "--port", str(port), *options]
    url = f"http://127.0.0.1:{port}/v2"
    with running(command, settings.root / "vendors.log", lambda: is_up(f"{url}/none"), env):
        yield url


def is_up(url: str) -> None:
    try:
        httpx.get(url)
    except httpx.TransportError as error:
        raise OSError(str(error)) from error


def versions(settings: Settings, source_id: str = "easypost") -> Versions:
    """What the lake holds of a source."""
    found: Versions = {}
    for receipt in receipts.committed(settings):
        for table, file in receipt.tables.items() if receipt.source_id == source_id else ():
            query = f"SELECT _record_key, _content_hash, _observed_at FROM read_parquet('{settings.lake / file.file}')"
            found.setdefault(table, set()).update(duckdb.sql(query).fetchall())
    return found


def current(told: Versions) -> dict[str, dict[str, str]]:
    """The content of each record's latest version, by table."""
    in_time = {table: sorted(rows, key=lambda row: (row[2], row[1])) for table, rows in told.items()}
    return {table: {key: content for key, content, _ in rows} for table, rows in in_time.items()}


def assert_same(api: Settings, files: Settings) -> None:
    """A list shows each object as it stands: the same records, no version that the files do not tell."""
    ours, theirs = versions(api), versions(files)
    assert current(ours) == current(theirs)
    assert all(rows <= theirs[table] for table, rows in ours.items())
    assert min(map(len, ours.values())) > 100


def bad(settings: Settings) -> list[tuple[str, str | None]]:
    """What is in quarantine but drafts, which a list does not tell once their label is bought."""
    rows = quarantine.open_rows(settings)
    return sorted((row.rule, row.raw_text) for row in rows if row.rule != "label_not_bought")


def test_pulled_within_the_limit_the_lake_is_the_same_as_from_files(business, files, tmp_path):
    port = free_port()
    settings = copy(business, tmp_path, by_http(port))
    with served(settings, port, "--per-second", "6") as url:
        begun = time.monotonic()
        statuses = [httpx.get(f"{url}/trackers", auth=(KEY["login"], "")).status_code for _ in range(14)]
        # a second may turn in between
        assert 429 in statuses or time.monotonic() - begun > 1
        assert httpx.get(f"{url}/trackers", auth=("other", "")).status_code in (401, 429)
        batch.ingest("easypost", settings=settings)
    assert_same(settings, files)
    assert bad(settings) == bad(files)
    quarantined = [row for row in label_rows(business) if row["file"].startswith("easypost")]
    assert len(bad(settings)) == sum(row["expected"] == "quarantined" for row in quarantined) == 2


def test_killed_in_the_middle_and_run_again_the_lake_is_the_same(business, files, tmp_path):
    port = free_port()
    settings = copy(business, tmp_path, by_http(port))
    journal = settings.pulls / "easypost" / "journal.jsonl"
    with served(settings, port, "--per-second", "4"):
        process = subprocess.Popen([sys.executable, "-c", INGEST, str(settings.root)], cwd=PROJECT)
        try:
            while process.poll() is None and not (journal.exists() and journal.read_text().count("\n") > 3):
                time.sleep(0.02)
        finally:
            process.kill()
        assert process.wait() == -signal.SIGKILL
        assert receipts.committed(settings) == []
        batch.ingest("easypost", settings=settings)
    assert_same(settings, files)
    assert bad(settings) == bad(files)


def test_webhooks_tell_every_version_of_what_is_tracked(business, tmp_path):
    port, box = free_port(), free_port()
    settings = copy(business, tmp_path / "api", by_http(port), "trackers_2025Q4.json")
    files = copy(business, tmp_path / "files", None, "trackers_2025Q4.json")
    batch.ingest("easypost", settings=files)
    told = contents(versions(files))
    env = os.environ | CONNECTIONS | {"BACKHAUL_HOME": str(settings.root), "PYTHONPATH": str(PROJECT)}
    inbox = [sys.executable, "-m", "backhaul.cli", "inbox", "--port", str(box)]
    with (
        # sent before anybody listens: sent again
        served(settings, port, "--webhooks", f"http://127.0.0.1:{box}/easypost_events"),
        running(inbox, tmp_path / "inbox.log", lambda: is_up(f"http://127.0.0.1:{box}"), env),
    ):
        deadline = time.monotonic() + 60
        while len(list(settings.root.glob("inbox/**/*.json"))) < len(told) and time.monotonic() < deadline:
            time.sleep(0.1)
    batch.ingest("easypost_events", settings=settings)
    assert contents(versions(settings, "easypost_events")) == told
    assert len(told) > len({row[0] for row in versions(files)[TRACKERS]}) > 20


def contents(told: Versions) -> set[str]:
    """The trackers as they were; a record's key is of its source, its content is not."""
    return {content for _, content, _ in told[TRACKERS]}


def test_what_changes_from_day_to_day_comes_again(tmp_path):
    """A day's files restate what earlier days told; the next pull asks back and brings it as it stands now."""
    port, days = free_port(), [date(2025, 10, day) for day in (1, 12, 18, 24)]
    api = Settings(home=tmp_path / "api")
    simulate_until(api.root, days[0], SEED, UNITS, api_port=port)
    with served(api, port) as url:
        for day in days:
            simulate_until(api.root, day, SEED, UNITS, api_port=port)
            batch.ingest("easypost", settings=api)
            for tracker in httpx.get(f"{url}/trackers", auth=(KEY["login"], "")).json()["trackers"]:
                assert tracker["updated_at"][:10] <= day.isoformat()
    files = copy(api.root, tmp_path / "files", None)
    batch.ingest("easypost", settings=files)
    ours = versions(api)
    assert current(ours) == current(versions(files))
    assert len(ours[TRACKERS]) > len({row[0] for row in ours[TRACKERS]}) + 5


@pytest.mark.parametrize(
    ("home", "connections", "options", "error", "message"),
    [
        ("", {}, {}, NothingToServe, "holds no simulated business: run `backhaul simulate --api-port 1`"),
        ("business", {}, {}, ConnectionMissing, "AIRFLOW_CONN_EASYPOST"),
        ("business", {"AIRFLOW_CONN_EASYPOST": "http://host"}, {}, NothingToServe, "'easypost' has no login"),
        (
            "business",
            CONNECTIONS | {"AIRFLOW_CONN_EASYPOST_EVENTS": "http://host"},
            {"webhooks": "http://127.0.0.1:9/x"},
            NothingToServe,
            "'easypost_events' has no password",
        ),
        ("business", CONNECTIONS, {"webhooks": "inbox:8790"}, NothingToServe, "begins with http"),
    ],
    ids=["no business", "no connection", "no key", "no secret", "no address"],
)
def test_a_server_that_could_not_serve_says_so(
    business, tmp_path, monkeypatch, home, connections, options, error, message
):
    for name in CONNECTIONS:
        monkeypatch.delenv(name)
    for name, value in connections.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(error, match=message):
        serve(Settings(home=business if home else tmp_path), 1, **options)
