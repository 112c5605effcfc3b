"""Real servers for the tests of the ways in, each a process of its own on a free port of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import paramiko
import pymysql
import pytest
from pyarrow import fs


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name: str) -> str:
    """The path of a server; `make test` sees that there is one."""
    path = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin")
    if path is None:
        pytest.fail(f"No {name}: run tools/ensure-programs.")
    return path


@contextmanager
def running(
    command: list[str], log: Path, is_up: Callable[[], object], env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A server process while something is done with it."""
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env)
    try:
        _wait(process, log, is_up)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _wait(process: subprocess.Popen[bytes], log: Path, is_up: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            is_up()
            return
        except (OSError, pymysql.MySQLError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{process.args[0]} does not come up: {log.read_text()[-2000:]}") from error
            time.sleep(0.05)


@dataclass
class Sshd:
    """An OpenSSH server; ``files`` is the folder it serves, and its own user logs in by key."""

    folder: Path
    port: int
    user: str
    host_key: str
    private_key: str

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @contextmanager
    def run(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [program("sshd"), "-D", "-e", "-f", str(self.folder / "sshd_config")]
        with running(command, self.folder / "sshd.log", lambda: _connects(self.port)) as process:
            yield process


def _connects(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=1).close()


def make_sshd(folder: Path, user: str) -> Sshd:
    (folder / "files").mkdir(parents=True)
    Path("/run/sshd").mkdir(exist_ok=True)  # where Debian's sshd wants to separate its privileges
    host, own = paramiko.ECDSAKey.generate(bits=256), paramiko.ECDSAKey.generate(bits=256)
    host.write_private_key_file(str(folder / "host_key"))
    own.write_private_key_file(str(folder / "own_key"))
    (folder / "authorized_keys").write_text(f"{own.get_name()} {own.get_base64()}\n")
    port = free_port()
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host_key\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\nPidFile none\n"
        "PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\nMaxStartups 100\n"
    )
    return Sshd(
        folder, port, user, f"{host.get_name()} {host.get_base64()}", (folder / "own_key").read_text(encoding="ascii")
    )


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """An S3 server that holds its objects in memory; gives its address."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, folder / "s3.log", lambda: _connects(port)):
        yield f"http://127.0.0.1:{port}"


def s3_client(endpoint: str) -> fs.S3FileSystem:
    return fs.S3FileSystem(
        access_key="key",
        secret_key="hush",
        region="us-east-1",
        scheme="http",
        endpoint_override=endpoint.removeprefix("http://"),
        allow_bucket_creation=True,
        allow_delayed_open=True,
        allow_bucket_deletion=True,
    )


@contextmanager
def mariadb_server(folder: Path) -> Iterator[int]:
    """A MariaDB server with the account root and no password, reached from this machine only; gives its port."""
    folder.mkdir(parents=True)
    data = folder / "data"
    subprocess.run(
        [
            shutil.which("mariadb-install-db") or "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            "--user=root",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ],
        check=True,
        capture_output=True,
    )
    port = free_port()
    command = [program("mariadbd"), "--no-defaults", f"--datadir={data}", f"--socket={folder}/s", f"--port={port}"]
    command += ["--bind-address=127.0.0.1", "--user=root", f"--pid-file={folder}/pid", "--skip-name-resolve"]

    def is_up() -> None:
        pymysql.connect(host="127.0.0.1", port=port, user="root").close()

    with running(command, folder / "mariadb.log", is_up):
        yield port
