"""A bucket of an object store as a store of files, by the S3 protocol."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from pyarrow import fs

from backhaul.connections import Connection, resolve
from ingestion.config import FromS3
from ingestion.extractors.pulled import Refused
from ingestion.extractors.remote import RemoteFile
from ingestion.extractors.trying import Transient

PIECE = 8 * 1024 * 1024
# What the protocol calls the failures that no further try mends.
FINAL = (
    "ACCESS_DENIED",
    "INVALID_ACCESS_KEY_ID",
    "INVALID_CLIENT_TOKEN_ID",
    "NO_SUCH_BUCKET",
    "SIGNATURE_DOES_NOT_MATCH",
    "UNRECOGNIZED_CLIENT",
    "HTTP status 301",
    "HTTP status 401",
    "HTTP status 403",
)


class S3Store:
    """The objects of ``origin.bucket`` whose key begins with ``origin.prefix``.

    The connection's login and password are the access key and its secret; without them, those of the environment or
    the machine are used. The extra may hold ``endpoint_url`` (another provider), ``region``, ``session_token`` and
    ``role_arn``.
    """

    def __init__(self, origin: FromS3) -> None:
        self._origin = origin
        self._connection = resolve(origin.connection)
        prefix = origin.prefix.strip("/")
        self._base = f"{origin.bucket}/{prefix}" if prefix else origin.bucket
        self._files: Any = None  # an fs.S3FileSystem; making one may already reach out

    @property
    def name(self) -> str:
        return f"S3 {self._base}"

    @contextmanager
    def connect(self) -> Iterator[None]:
        """The client for what is done inside; a failure comes out as the pull knows it."""
        try:
            if self._files is None:
                self._files = fs.S3FileSystem(**_options(self._connection, self._origin.timeout_seconds))
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            if any(word in str(error) for word in FINAL):
                raise Refused(f"{self.name}: {error}; check the bucket and the connection's key.") from error
            raise Transient(str(error)) from error

    def close(self) -> None:
        """There is nothing to end: each request stands alone."""

    def walk(self) -> Iterator[RemoteFile]:
        """Every object below the prefix; an empty object that stands for a folder is none."""
        if self._files.get_file_info(self._origin.bucket).type == fs.FileType.NotFound:
            raise Refused(f"{self.name}: there is no such bucket; check `bucket` and the extra `endpoint_url`.")
        selector = fs.FileSelector(self._base, recursive=True, allow_not_found=True)
        for info in self._files.get_file_info(selector):
            if info.type == fs.FileType.File:
                yield self._file(info.path.removeprefix(f"{self._base}/"), info)

    def look(self, path: str) -> RemoteFile:
        info = self._files.get_file_info(f"{self._base}/{path}")
        if info.type != fs.FileType.File:
            raise FileNotFoundError(path)
        return self._file(path, info)

    def read(self, path: str, start: int) -> Iterator[bytes]:
        with self._files.open_input_file(f"{self._base}/{path}") as file:
            for at in range(start, file.size(), PIECE):
                yield file.read_at(min(PIECE, file.size() - at), at)

    def delete(self, path: str) -> None:
        self._files.delete_file(f"{self._base}/{path}")

    def move(self, path: str, target: str) -> None:
        place = posixpath.normpath(f"{self._base}/{target}")
        if self._files.get_file_info(place).type != fs.FileType.NotFound:
            raise FileExistsError(place)
        self._files.move(f"{self._base}/{path}", place)

    @staticmethod
    def _file(path: str, info: fs.FileInfo) -> RemoteFile:
        return RemoteFile(path, info.size, info.mtime.timestamp())


def _options(connection: Connection, timeout_seconds: float) -> dict[str, Any]:
    extra = connection.extra
    options: dict[str, Any] = {
        "access_key": connection.login or None,
        "secret_key": connection.password or None,
        "session_token": extra.get("session_token") or extra.get("aws_session_token"),
        "role_arn": extra.get("role_arn"),
        "region": extra.get("region") or extra.get("region_name") or "us-east-1",
        "connect_timeout": timeout_seconds,
        "request_timeout": timeout_seconds,
        # The pull has its own patience; this is for the hiccup of one request.
        "retry_strategy": fs.AwsStandardS3RetryStrategy(max_attempts=2),
    }
    if endpoint := extra.get("endpoint_url"):
        parts = urlsplit(str(endpoint))
        options |= {"scheme": parts.scheme, "endpoint_override": parts.netloc}
    return {key: value for key, value in options.items() if value is not None}
