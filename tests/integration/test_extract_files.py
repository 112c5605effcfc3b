"""Files that lie elsewhere: a real OpenSSH server and a real S3 server, and the faults that both have."""

from __future__ import annotations

import getpass
import hashlib
import io
import json
import os
import shutil
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pyarrow import fs

from backhaul import receipts
from backhaul.connections import ConnectionMissing
from backhaul.settings import Settings
from ingestion import batch, profile
from ingestion.config import ConfigError, find_source
from ingestion.extractors import ExtractError, Refused, pull, remote
from ingestion.extractors.s3 import S3Store
from ingestion.extractors.sftp import SftpStore
from ingestion.extractors.trying import Transient
from tests.integration.servers import Sshd, free_port, make_sshd, s3_client, s3_server

HEADER = "return-date\torder-id\tsku\tasin\tfnsku\tproduct-name\tquantity\tfulfillment-center-id"
HEADER += "\tdetailed-disposition\treason\tstatus\tlicense-plate-number\tcustomer-comments\n"
OLD = 1_780_000_000


def report(*plates: str) -> bytes:
    rows = [f"2026-03-01T10:00:00+00:00\tO-{p}\tS\tA\tF\tN\t1\tYYZ4\tSELLABLE\tDEFECTIVE\t\t{p}\t\n" for p in plates]
    return (HEADER + "".join(rows)).encode()


@pytest.fixture(autouse=True)
def _ungated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile, "check", lambda con, settings, source, batches: {key: [] for key in batches})


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    server = make_sshd(tmp_path_factory.mktemp("sshd"), getpass.getuser())
    with server.run():
        yield server


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as endpoint:
        yield endpoint


@dataclass
class Place:
    """A place that a source `there` of a home reads, whichever protocol it speaks."""

    settings: Settings
    origin: str
    put_bytes: Callable[[str, bytes, int], None]
    listed: Callable[[], list[str]]

    def put(self, path: str, content: bytes, modified: int = OLD) -> None:
        self.put_bytes(path, content, modified)

    def source(self, **changes: object) -> str:
        entries = {**json.loads(self.origin), **{key: value for key, value in changes.items() if key != "overlap"}}
        overlap = changes.get("overlap", 7)
        text = json.dumps([{"id": "there", "kind": "amazon_fba_returns", "domain": "returns", "overlap": overlap,
                            "from": entries}])  # fmt: skip
        (self.settings.root / "sources.yml").write_text(f"sources: {text}\n")
        return "there"

    def ingest(self) -> batch.IngestReport:
        return batch.ingest("there", settings=self.settings)

    def names(self) -> list[str]:
        return sorted(receipt.file.name for receipt in receipts.committed(self.settings))


def sftp_connection(server: Sshd, **changes: object) -> str:
    extra = {"host_key": server.host_key, "private_key": server.private_key}
    body = {"conn_type": "sftp", "host": "127.0.0.1", "port": server.port, "login": server.user, "extra": extra}
    return json.dumps({**body, **changes})


@pytest.fixture
def sftp_place(sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("AIRFLOW_CONN_THERE", sftp_connection(sshd))

    def put(path: str, content: bytes, modified: int) -> None:
        target = sshd.files / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        os.utime(target, (modified, modified))

    origin = {"type": "sftp", "connection": "there", "path": str(sshd.files)}
    place = Place(Settings(home=tmp_path), json.dumps(origin), put, lambda: files_below(sshd.files.parent, "files"))
    place.source()
    yield place
    shutil.rmtree(sshd.files)
    shutil.rmtree(sshd.folder / "files.taken", ignore_errors=True)
    sshd.files.mkdir()


def files_below(folder: Path, name: str) -> list[str]:
    """The files of a folder and of those beside it whose names begin so."""
    paths = [path for place in folder.glob(f"{name}*") for path in place.rglob("*") if path.is_file()]
    return sorted(str(path.relative_to(folder)) for path in paths)


@pytest.fixture
def local_place(tmp_path: Path) -> Place:
    def put(path: str, content: bytes, modified: int) -> None:
        target = tmp_path / "files" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        os.utime(target, (modified, modified))

    origin = {"type": "files", "path": "files"}
    return Place(Settings(home=tmp_path), json.dumps(origin), put, lambda: files_below(tmp_path, "files"))


@pytest.fixture
def s3_place(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    extra = {"endpoint_url": s3}
    body = {"conn_type": "aws", "login": "key", "password": "hush", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_THERE", json.dumps(body))
    client = s3_client(s3)
    client.create_dir("bucket")

    def put(path: str, content: bytes, modified: int) -> None:
        with client.open_output_stream(f"bucket/in/{path}") as out:
            out.write(content)

    def listed() -> list[str]:
        found = client.get_file_info(fs.FileSelector("bucket", recursive=True))
        return sorted(info.path.removeprefix("bucket/").replace("in", "files", 1) for info in found if info.is_file)

    origin = {"type": "s3", "connection": "there", "bucket": "bucket", "prefix": "in"}
    place = Place(Settings(home=tmp_path), json.dumps(origin), put, listed)
    place.source()
    yield place
    client.delete_dir_contents("bucket")
    client.delete_dir("bucket")


@pytest.fixture(params=["sftp", "s3"])
def place(request: pytest.FixtureRequest) -> Place:
    return request.getfixturevalue(f"{request.param}_place")


def test_an_empty_place_gives_nothing(place):
    assert place.ingest().committed == []


def test_what_is_new_comes_once_and_a_replaced_file_again(place):
    place.put("a.txt", report("L1"))
    place.put("2026/03/b.txt", report("L2", "L3"))
    for name in (".hidden.txt", "c.txt.part", "d.filepart"):
        place.put(name, report("X"))
    assert place.ingest().rows == 3
    assert place.names() == ["a.txt", "b.txt"]
    cursor = batch.latest_cursor(place.settings, "there")
    assert sorted(cursor["seen"]) == ["2026/03/b.txt", "a.txt"]
    again = place.ingest()
    assert (again.committed, again.already) == ([], []), "nothing is fetched again"
    place.put("a.txt", report("L1", "L4"), OLD + 10)
    assert place.ingest().rows == 2
    assert place.names() == ["a.txt", "a.txt", "b.txt"]


def test_only_what_matches_the_pattern(place):
    place.source(pattern="*.txt")
    place.put("a.txt", report("L1"))
    place.put("deep/b.txt", report("L2"))
    place.put("c.csv", b"other")
    place.ingest()
    assert place.names() == ["a.txt", "b.txt"]


def test_a_run_that_dies_loses_nothing_and_two_runs_give_nothing_twice(place, monkeypatch):
    place.put("a.txt", report("L1"))
    place.put("b.txt", report("L2"))
    with monkeypatch.context() as dying:
        dying.setattr(batch.landing, "land_each", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            place.ingest()
    assert batch.latest_cursor(place.settings, "there") is None
    errors: list[BaseException] = []

    def run() -> None:
        try:
            place.ingest()
        except BaseException as error:  # noqa: BLE001 - a thread's error must reach the test
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert place.names() == ["a.txt", "b.txt"]


def test_a_large_file_arrives_whole(place):
    content = HEADER.encode() + os.urandom(20 * 1024 * 1024).hex().encode()
    place.put("large.txt", content)
    source = find_source(place.settings, "there")
    folder = place.settings.root / "fetched"
    folder.mkdir()
    pulled = pull(place.settings, source, None, folder)
    assert hashlib.sha256(pulled.files[0].read_bytes()).digest() == hashlib.sha256(content).digest()


# --- What becomes of a file that is in the lake -------------------------------------------------------------------

AFTER = {
    "keep": ["files/2026/b.txt", "files/a.txt"],
    "move": ["files.taken/2026/b.txt", "files.taken/a.txt"],
    "delete": [],
}


@pytest.fixture(params=["sftp", "s3", "local"])
def any_place(request: pytest.FixtureRequest) -> Place:
    return request.getfixturevalue(f"{request.param}_place")


@pytest.mark.parametrize(("after", "there"), AFTER.items(), ids=AFTER)
def test_a_file_that_is_in_the_lake_goes_as_its_source_says(any_place, after, there):
    any_place.source(after=after)
    any_place.put("a.txt", report("L1"))
    any_place.put("2026/b.txt", report("L2"))
    assert any_place.ingest().rows == 2
    assert any_place.listed() == there
    assert any_place.ingest().committed == []
    assert any_place.listed() == there


def test_what_is_held_grows_or_is_unknown_stays(any_place):
    any_place.source(after="delete", pattern="*.txt")
    any_place.put("held.txt", b"no\tcolumns\n1\t2\n")
    any_place.put("a.txt", report("L1"))
    any_place.put("other.csv", report("L1"))
    report_ = any_place.ingest()
    assert len(report_.held) == 1
    assert any_place.listed() == ["files/held.txt", "files/other.csv"]
    batch.release(report_.held[0].batch_id, any_place.settings)
    any_place.ingest()
    assert any_place.listed() == ["files/other.csv"]


@pytest.mark.parametrize("after", ["move", "delete"])
def test_a_file_of_the_same_size_and_time_that_took_its_place_stays(any_place, monkeypatch, after):
    any_place.source(after=after)
    any_place.put("a.txt", report("L1"))
    real = batch.tidy

    def replaced(run: batch.Run) -> None:
        any_place.put("a.txt", report("L9"))
        real(run)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(batch, "tidy", replaced)
        any_place.ingest()
    assert any_place.listed() == ["files/a.txt"]


@pytest.mark.parametrize("after", ["move", "delete"])
def test_a_run_that_dies_before_it_tidies_is_made_up_for(any_place, monkeypatch, after):
    any_place.source(after=after)
    any_place.put("a.txt", report("L1"))
    with monkeypatch.context() as dying:
        dying.setattr(batch, "tidy", lambda run: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            any_place.ingest()
    assert any_place.names() == ["a.txt"]
    assert any_place.listed() == ["files/a.txt"]
    assert any_place.ingest().committed == []
    assert any_place.listed() == (["files.taken/a.txt"] if after == "move" else [])


def test_a_name_that_comes_again_is_moved_beside_the_first(any_place):
    any_place.source(after="move")
    for plate, modified in (("L1", OLD), ("L2", OLD + 10), ("L2", OLD + 20)):
        any_place.put("a.txt", report(plate), modified)
        any_place.ingest()
    digest = hashlib.sha256(report("L2")).hexdigest()[:12]
    assert any_place.listed() == [f"files.taken/a-{digest}.txt", "files.taken/a.txt"]


def test_an_archive_goes_when_all_its_members_are_in_the_lake(any_place):
    any_place.source(after="move", moved_to=".done")
    for name, second in (("whole.zip", report("L2")), ("half.zip", b"no\tcolumns\n1\t2\n")):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("1.txt", report(name))
            archive.writestr("2.txt", second)
        any_place.put(name, packed.getvalue())
    any_place.ingest()
    assert any_place.listed() == ["files/.done/whole.zip", "files/half.zip"]


def test_a_server_that_lets_nothing_be_moved_says_so_and_nothing_is_lost(sftp_place, monkeypatch):
    def refused(self: SftpStore, path: str, target: str) -> None:
        raise PermissionError(path)

    sftp_place.source(after="move")
    sftp_place.put("a.txt", report("L1"))
    monkeypatch.setattr(SftpStore, "move", refused)
    with pytest.raises(Refused, match=r"no permission to move a\.txt; let the login"):
        sftp_place.ingest()
    assert sftp_place.names() == ["a.txt"]


@pytest.mark.parametrize("moved_to", ["taken", "../files", "../../x", "/x", "..", ".", ""])
def test_files_are_moved_out_of_the_place_only(local_place, moved_to):
    local_place.source(after="move", moved_to=moved_to)
    with pytest.raises(ConfigError, match="moved_to"):
        local_place.ingest()


# --- SFTP alone ---------------------------------------------------------------------------------------------------


def test_a_file_is_taken_when_it_has_settled_and_the_cursor_waits_for_it(sftp_place):
    sftp_place.source(overlap=0)
    now = int(time.time())
    sftp_place.put("old.txt", report("L1"), now - 3600)
    sftp_place.put("growing.txt", report("L2"), now)
    sftp_place.ingest()
    assert sftp_place.names() == ["old.txt"]
    sftp_place.put("growing.txt", report("L2", "L3"), now - 1800)
    sftp_place.ingest()
    assert sftp_place.names() == ["growing.txt", "old.txt"]


def test_links_to_files_count_and_links_to_folders_lead_nowhere(sftp_place, sshd):
    sftp_place.put("real/a.txt", report("L1"))
    (sshd.files / "link.txt").symlink_to(sshd.files / "real" / "a.txt")
    (sshd.files / "loop").symlink_to(sshd.files)
    (sshd.files / "broken").symlink_to(sshd.files / "nothing")
    assert sftp_place.ingest().rows == 1
    assert len(batch.latest_cursor(sftp_place.settings, "there")["seen"]) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"extra": {"private_key": "set below"}}, r"host key of .* is not known; .*SHA256:"),
        ({"extra": {"host_key": "other", "private_key": "set below"}}, "is not the one that is known"),
        ({"extra": {"host_key": "nonsense", "private_key": "set below"}}, "is not a key as known_hosts has it"),
        ({"login": "nobody-here"}, "refuses the login"),
        ({"extra": {"host_key": "set below"}}, "neither a password nor a private key"),
        ({"extra": {"host_key": "set below"}, "password": "hush"}, "refuses the login"),
        ({"extra": {"host_key": "set below", "private_key": "hush"}}, "private key can't be read"),
        ({"extra": {"host_key": "set below", "key_file": "/nowhere"}}, "private key can't be read"),
        ({"extra": {"known_hosts": "/nowhere", "private_key": "set below"}}, "known_hosts"),
    ],
    ids=["unknown", "changed", "garbled", "login", "no-secret", "password", "bad-key", "no-key-file", "no-known-hosts"],
)
def test_a_server_or_login_that_is_not_right_is_refused_for_good(sftp_place, sshd, monkeypatch, changes, message):
    changes = json.loads(json.dumps(changes))
    extra = changes.get("extra", {})
    other = make_key()
    for name, value in (("host_key", sshd.host_key), ("private_key", sshd.private_key)):
        if extra.get(name) == "set below":
            extra[name] = value
    if extra.get("host_key") == "other":
        extra["host_key"] = other
    monkeypatch.setenv("AIRFLOW_CONN_THERE", sftp_connection(sshd, **changes))
    monkeypatch.setenv("HOME", str(sftp_place.settings.root))
    with pytest.raises(Refused, match=message) as caught:
        sftp_place.ingest()
    assert not caught.value.is_transient
    assert "hush" not in str(caught.value)
    assert "PRIVATE KEY" not in str(caught.value)


def make_key() -> str:
    import paramiko

    key = paramiko.ECDSAKey.generate(bits=256)
    return f"{key.get_name()} {key.get_base64()}"


def test_a_known_hosts_file_vouches_for_a_server(sftp_place, sshd, monkeypatch, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{sshd.port} {sshd.host_key}\n")
    extra = {"known_hosts": str(known), "key_file": str(sshd.folder / "own_key")}
    monkeypatch.setenv("AIRFLOW_CONN_THERE", sftp_connection(sshd, extra=extra))
    sftp_place.put("a.txt", report("L1"))
    assert sftp_place.ingest().rows == 1


def test_a_folder_that_is_not_there_and_a_connection_that_is_not(sftp_place, monkeypatch):
    sftp_place.source(path="/nowhere")
    with pytest.raises(Refused, match="no such folder"):
        sftp_place.ingest()
    sftp_place.source(connection="nothing")
    with pytest.raises(ConnectionMissing, match="AIRFLOW_CONN_NOTHING"):
        sftp_place.ingest()


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_nobody_there_and_nobody_answering_are_worth_another_try(sftp_place, sshd, monkeypatch):
    sftp_place.source(attempts=1, timeout_seconds=0.5)
    monkeypatch.setenv("AIRFLOW_CONN_THERE", sftp_connection(sshd, port=free_port()))
    with pytest.raises(ExtractError, match="gave up after 1 tries") as caught:
        sftp_place.ingest()
    assert caught.value.is_transient
    with silent_server() as port:
        monkeypatch.setenv("AIRFLOW_CONN_THERE", sftp_connection(sshd, port=port))
        with pytest.raises(ExtractError, match="gave up"):
            sftp_place.ingest()


class Cutting:
    """Passes bytes on to a server, and cuts the line after so many of the server's, as often as `cuts` says."""

    def __init__(self, port: int, after: int, cuts: int) -> None:
        self.cuts = cuts
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._to, self._after = port, after
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                ours, _ = self._server.accept()
            except OSError:
                return
            theirs = socket.create_connection(("127.0.0.1", self._to))
            left = None
            if self.cuts:
                self.cuts -= 1
                left = self._after
            threading.Thread(target=self._pass, args=(ours, theirs, None), daemon=True).start()
            threading.Thread(target=self._pass, args=(theirs, ours, left), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket, left: int | None) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
                if left is not None and (left := left - len(data)) <= 0:
                    break
        except OSError:
            pass
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()

    def close(self) -> None:
        self._server.close()


def test_a_broken_transfer_goes_on_where_it_broke(sftp_place, sshd, monkeypatch, tmp_path):
    content = HEADER.encode() + os.urandom(8 * 1024 * 1024).hex().encode()
    sftp_place.put("large.txt", content)
    line = Cutting(sshd.port, after=6 * 1024 * 1024, cuts=2)
    monkeypatch.setenv("AIRFLOW_CONN_THERE", sftp_connection(sshd, port=line.port, extra={
        "host_key": sshd.host_key, "private_key": sshd.private_key}))  # fmt: skip
    starts: list[int] = []
    read = SftpStore.read

    def noting(self: SftpStore, path: str, start: int) -> Iterator[bytes]:
        starts.append(start)
        return read(self, path, start)

    monkeypatch.setattr(SftpStore, "read", noting)
    origin = find_source(sftp_place.settings, "there").origin
    waits: list[float] = []
    folder = tmp_path / "fetched"
    folder.mkdir()
    pulled = remote.pull(SftpStore(origin), remote.Wanted("*", 60, 4, 7), None, folder, waits.append)
    line.close()
    assert pulled.files[0].read_bytes() == content
    assert len(waits) == 2
    assert starts[0] == 0
    assert starts == sorted(starts)
    assert starts[1] > 1024 * 1024, "what had come is not fetched again"


# --- S3 alone -----------------------------------------------------------------------------------------------------


def test_a_bucket_that_is_not_there(s3_place):
    s3_place.source(bucket="nothing-here")
    with pytest.raises(Refused, match="no such bucket"):
        s3_place.ingest()


def test_an_object_replaced_within_its_second_comes_and_one_put_again_does_not(s3_place, monkeypatch):
    origin = find_source(s3_place.settings, "there").origin
    store = S3Store(origin)

    def put(plate: str) -> remote.RemoteFile:
        s3_place.put("a.txt", report(plate))
        with store.connect():
            return store.look("a.txt")

    for number in range(20):
        first, second = put(f"L{number:02}"), put(f"M{number:02}")
        if first.modified == second.modified:
            break
    assert (first.size, first.modified) == (second.size, second.modified)
    put(f"L{number:02}")
    s3_place.ingest()
    assert batch.latest_cursor(s3_place.settings, "there")["seen"] == {"a.txt": first.identity}
    put(f"M{number:02}")
    assert s3_place.ingest().rows == 1
    time.sleep(1.1)
    assert put(f"M{number:02}").modified > second.modified
    monkeypatch.setattr(S3Store, "read", lambda *told: pytest.fail("it is fetched again"))
    assert s3_place.ingest().committed == []


@pytest.mark.parametrize(
    ("extra", "bucket", "message"),
    [({"endpoint_url": "nonsense"}, "bucket", "endpoint_url"), ({}, "no bucket!", "check the bucket")],
)
def test_an_address_or_bucket_that_cannot_be(s3_place, monkeypatch, extra, bucket, message):
    monkeypatch.setenv("AIRFLOW_CONN_THERE", json.dumps({"login": "key", "password": "hush", "extra": extra}))
    s3_place.source(bucket=bucket)
    with pytest.raises(Refused, match=message):
        s3_place.ingest()


def test_a_role_is_taken_on(s3_place, s3, monkeypatch):
    extra = {"endpoint_url": s3, "role_arn": "arn:aws:iam::123456789012:role/reader"}
    monkeypatch.setenv("AIRFLOW_CONN_THERE", json.dumps({"login": "key", "password": "hush", "extra": extra}))
    s3_place.put("a.txt", report("L1"))
    assert s3_place.ingest().rows == 1


@contextmanager
def refusing_store() -> Iterator[str]:
    """Answers every request as an object store does whose key may do nothing."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
            self.send_response(403)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_key_that_may_do_nothing(s3_place, monkeypatch):
    with refusing_store() as endpoint:
        extra = {"endpoint_url": endpoint}
        monkeypatch.setenv("AIRFLOW_CONN_THERE", json.dumps({"login": "key", "password": "hush", "extra": extra}))
        with pytest.raises(Refused, match="check the bucket and the connection's key") as caught:
            s3_place.ingest()
    assert "hush" not in str(caught.value)


def test_an_object_store_that_is_away(s3_place, monkeypatch):
    s3_place.source(attempts=1, timeout_seconds=1)
    extra = {"endpoint_url": f"http://127.0.0.1:{free_port()}"}
    monkeypatch.setenv("AIRFLOW_CONN_THERE", json.dumps({"login": "key", "password": "hush", "extra": extra}))
    with pytest.raises(ExtractError, match="gave up after 1 tries") as caught:
        s3_place.ingest()
    assert "hush" not in str(caught.value)


def test_a_long_listing_comes_by_pages(s3_place):
    for number in range(1010):
        s3_place.put(f"{number:04d}.csv", b"x")
    origin = find_source(s3_place.settings, "there").origin
    store = S3Store(origin)
    with store.connect():
        assert len(list(store.walk())) == 1010


# --- Faults that no real server gives on demand -----------------------------------------------------------------


@dataclass
class Faulty:
    """A store in memory; ``faults`` are raised by the next looks at a path."""

    files: dict[str, tuple[bytes, float]]
    faults: dict[str, list[BaseException]] = field(default_factory=dict)
    on_read: Callable[[str], None] | None = None
    name: str = "Faulty"

    @contextmanager
    def connect(self) -> Iterator[None]:
        yield

    def close(self) -> None:
        pass

    def walk(self) -> Iterator[remote.RemoteFile]:
        for path, (content, modified) in self.files.items():
            yield remote.RemoteFile(path, len(content), modified)

    def look(self, path: str) -> remote.RemoteFile:
        if self.faults.get(path):
            raise self.faults[path].pop(0)
        return remote.RemoteFile(path, len(self.files[path][0]), self.files[path][1])

    def read(self, path: str, start: int) -> Iterator[bytes]:
        yield self.files[path][0][start:]
        if self.on_read:
            self.on_read(path)


def fetched(store: Faulty, tmp_path: Path, cursor: dict | None = None, overlap: float = 0) -> tuple[list[str], dict]:
    folder = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    pulled = remote.pull(store, remote.Wanted("*", 0, 3, overlap), cursor, folder, lambda seconds: None)
    return [path.name for path in pulled.files], pulled.cursor or cursor


@pytest.mark.parametrize("fault", [FileNotFoundError("b"), PermissionError("b")], ids=["vanished", "denied"])
def test_a_file_that_cannot_be_had_is_left_and_comes_when_it_can(tmp_path, caplog, fault):
    store = Faulty({"a": (b"1", 10.0), "b": (b"2", 20.0), "c": (b"3", 30.0)}, {"b": [fault]})
    names, cursor = fetched(store, tmp_path)
    assert names == ["a", "c"]
    assert cursor["until"] == 20.0
    assert "b is left for a later run" in caplog.text
    names, cursor = fetched(store, tmp_path, cursor)
    assert names == ["b"]
    assert fetched(store, tmp_path, cursor)[0] == []


def test_nothing_readable_at_all_is_an_error(tmp_path):
    store = Faulty({"a": (b"1", 10.0)}, {"a": [PermissionError("a")]})
    with pytest.raises(Refused, match="no permission to read a"):
        fetched(store, tmp_path)


def test_a_file_that_changes_while_it_is_read_is_left(tmp_path):
    store = Faulty({"a": (b"1", 10.0)})
    store.on_read = lambda path: store.files.update(a=(b"12", 11.0))
    assert fetched(store, tmp_path)[0] == []
    store.on_read = None
    assert fetched(store, tmp_path)[0] == ["a"]


def test_hiccups_are_tried_again_and_lasting_failure_is_said(tmp_path):
    store = Faulty({"a": (b"1", 10.0)}, {"a": [Transient("reset")] * 2})
    assert fetched(store, tmp_path)[0] == ["a"]
    store.faults = {"a": [Transient("reset")] * 3}
    with pytest.raises(ExtractError, match="Faulty, a: gave up after 3 tries at byte 0 of 1: reset"):
        fetched(store, tmp_path)


def test_the_overlap_takes_what_comes_late_and_names_lead_nowhere_else(tmp_path):
    store = Faulty({"a": (b"1", 10 * remote.DAY)})
    cursor = fetched(store, tmp_path, overlap=7)[1]
    store.files |= {"late": (b"2", 4 * remote.DAY), "too_late": (b"3", 2 * remote.DAY), "../../out": (b"4", 1e9)}
    names, cursor = fetched(store, tmp_path, cursor, overlap=7)
    assert names == ["late"]
