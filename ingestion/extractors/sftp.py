"""An SFTP server as a store of files, its host key always checked."""

from __future__ import annotations

import io
import posixpath
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import paramiko

from backhaul.connections import Connection, resolve
from ingestion.config import FromSftp
from ingestion.extractors.pulled import Refused
from ingestion.extractors.remote import RemoteFile
from ingestion.extractors.trying import Transient

# Requests in flight at once hide the network's delay; their sum is all that is held in memory.
REQUEST = 32 * 1024
WINDOW = 128 * REQUEST


class _UnknownHost(paramiko.MissingHostKeyPolicy):
    """Refuses a server whose key nobody vouched for, and says how to."""

    def missing_host_key(self, _client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        raise Refused(
            f"The SSH host key of {hostname} is not known; the server shows {key.get_name()} {key.fingerprint}. If its "
            "operator confirms that, put the key into the connection's extra as `host_key` (`ssh-keyscan` prints it), "
            "or into ~/.ssh/known_hosts, or into a file that the extra `known_hosts` names."
        )


class SftpStore:
    """The files below ``origin.path``.

    The connection's extra may hold ``host_key`` (type and key), ``known_hosts`` (a file), and for a login by key
    ``private_key`` (its text) or ``key_file`` (its path), with ``private_key_passphrase``.
    """

    def __init__(self, origin: FromSftp) -> None:
        self._origin = origin
        self._connection = resolve(origin.connection)
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient

    @property
    def name(self) -> str:
        return f"SFTP {self._connection.host}:{self._port}/{self._origin.path.lstrip('/')}"

    @property
    def _port(self) -> int:
        return self._connection.port or 22

    @contextmanager
    def connect(self) -> Iterator[None]:
        """The session for what is done inside, a new one after a failure, which comes out as the pull knows it."""
        with _told_apart(self.name):
            try:
                if self._client is None:
                    self._client = paramiko.SSHClient()
                    self._trust(self._client)
                    self._log_in(self._client)
                    self._sftp = self._client.open_sftp()
                    channel = self._sftp.get_channel()
                    if channel is not None:
                        channel.settimeout(self._origin.timeout_seconds)
                yield
            except (FileNotFoundError, PermissionError):
                raise
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def walk(self) -> Iterator[RemoteFile]:
        """Every file below the path; a link to a file counts as one, a link to a folder is not followed."""
        yield from self._walk(self._origin.path, "")

    def look(self, path: str) -> RemoteFile:
        found = self._sftp.stat(f"{self._origin.path}/{path}")
        return RemoteFile(path, found.st_size or 0, float(found.st_mtime or 0))

    def read(self, path: str, start: int) -> Iterator[bytes]:
        with self._sftp.open(f"{self._origin.path}/{path}", "rb") as file:
            end = file.stat().st_size or 0
            for window in range(start, end, WINDOW):
                stop = min(window + WINDOW, end)
                yield from file.readv([(at, min(REQUEST, stop - at)) for at in range(window, stop, REQUEST)])

    def delete(self, path: str) -> None:
        self._sftp.remove(f"{self._origin.path}/{path}")

    def move(self, path: str, target: str) -> None:
        place = PurePosixPath(posixpath.normpath(posixpath.join(self._origin.path, target)))
        if self._is_there(place):
            raise FileExistsError(target)
        for folder in reversed(place.parents):
            if not self._is_there(folder):
                self._sftp.mkdir(str(folder))
        self._sftp.rename(f"{self._origin.path}/{path}", str(place))

    def _is_there(self, place: PurePosixPath) -> bool:
        try:
            self._sftp.stat(str(place))
        except FileNotFoundError:
            return False
        return True

    def _walk(self, folder: str, below: str) -> Iterator[RemoteFile]:
        try:
            entries = self._sftp.listdir_attr(folder)
        except FileNotFoundError:
            if below:
                return
            raise Refused(f"{self.name}: there is no such folder; check `path`.") from None
        except PermissionError:
            raise Refused(f"{self.name}: no permission to list {below or 'it'}; let the login read it.") from None
        for entry in entries:
            path = f"{below}{entry.filename}"
            kind = stat.S_IFMT(entry.st_mode or 0)
            if kind == stat.S_IFDIR and not entry.filename.startswith("."):
                yield from self._walk(f"{folder}/{entry.filename}", f"{path}/")
            elif kind == stat.S_IFREG:
                yield RemoteFile(path, entry.st_size or 0, float(entry.st_mtime or 0))
            elif kind == stat.S_IFLNK and (target := self._target(path)):
                yield target

    def _target(self, path: str) -> RemoteFile | None:
        """The file that a link leads to, if it does."""
        try:
            found = self._sftp.stat(f"{self._origin.path}/{path}")
        except OSError:
            return None
        return self.look(path) if stat.S_ISREG(found.st_mode or 0) else None

    def _trust(self, client: paramiko.SSHClient) -> None:
        extra = self._connection.extra
        client.set_missing_host_key_policy(_UnknownHost())
        if key := extra.get("host_key"):
            port = "" if self._port == 22 else f":{self._port}"
            host = f"[{self._connection.host}]{port}" if port else self._connection.host
            with tempfile.NamedTemporaryFile("w", encoding="ascii", suffix=".known_hosts") as file:
                file.write(f"{host} {key}\n")
                file.flush()
                client.load_host_keys(file.name)
            if not client.get_host_keys().lookup(host):
                raise Refused(
                    f"Connection {self._connection.id!r}: the extra `host_key` is not a key as known_hosts has it "
                    "(`ssh-ed25519 AAAA…`)."
                )
        elif file_name := extra.get("known_hosts"):
            try:
                client.load_host_keys(str(Path(str(file_name)).expanduser()))
            except OSError as error:
                raise Refused(f"Connection {self._connection.id!r}: `known_hosts`: {error}") from error
        else:
            client.load_system_host_keys()

    def _log_in(self, client: paramiko.SSHClient) -> None:
        timeout = self._origin.timeout_seconds
        key = _private_key(self._connection)
        if key is None and not self._connection.password:
            raise Refused(f"Connection {self._connection.id!r} has neither a password nor a private key.")
        client.connect(
            self._connection.host,
            self._port,
            username=self._connection.login or None,
            password=self._connection.password or None,
            pkey=key,
            timeout=timeout,
            banner_timeout=timeout,
            auth_timeout=timeout,
            channel_timeout=timeout,
            allow_agent=False,
            look_for_keys=False,
        )


def _private_key(connection: Connection) -> paramiko.PKey | None:
    passphrase = connection.extra.get("private_key_passphrase")
    secret = str(passphrase) if passphrase else None
    try:
        if text := connection.extra.get("private_key"):
            return _key_of_text(str(text), secret)
        if path := connection.extra.get("key_file"):
            return paramiko.PKey.from_path(str(Path(str(path)).expanduser()), secret)
    except (OSError, ValueError, TypeError, paramiko.SSHException):
        # Not chained: what a parser says of a key may quote it.
        raise Refused(
            f"Connection {connection.id!r}: the private key can't be read; check it and `private_key_passphrase`."
        ) from None
    return None


def _key_of_text(text: str, passphrase: str | None) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text), passphrase)
        except (paramiko.SSHException, ValueError):
            continue
    raise ValueError("no key")


@contextmanager
def _told_apart(name: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, PermissionError):
        raise
    except paramiko.BadHostKeyException as error:
        raise Refused(
            f"{name}: the host key is not the one that is known: {error.key.get_name()} {error.key.fingerprint}. "
            "Either the server was set up anew, or another one answers in its place: ask its operator."
        ) from error
    except paramiko.AuthenticationException as error:
        raise Refused(f"{name}: the server refuses the login ({error}); check the connection.") from error
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise Transient(f"{type(error).__name__}: {error}") from error
