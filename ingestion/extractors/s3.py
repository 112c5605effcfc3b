"""A bucket of an object store as a store of files, by the S3 protocol."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)

from backhaul.connections import Connection, resolve
from ingestion.config import FromS3
from ingestion.extractors.pulled import Refused
from ingestion.extractors.remote import RemoteFile
from ingestion.extractors.trying import Transient

PIECE = 8 * 1024 * 1024
# What the protocol calls an object that is not there; an answer to HEAD has its status only.
ABSENT = ("NoSuchKey", "404")
# Server errors, and what a client may do too often, or with a clock that goes wrong for a while.
PASSING = ("RequestTimeout", "RequestTimeTooSkewed", "SlowDown", "Throttling", "ThrottlingException", "429")


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
        self._base = f"{prefix}/" if prefix else ""
        self._client: Any = None

    @property
    def name(self) -> str:
        return f"S3 {self._origin.bucket}/{self._base}".rstrip("/")

    @contextmanager
    def connect(self) -> Iterator[None]:
        """The client for what is done inside; a failure comes out as the pull knows it."""
        try:
            if self._client is None:
                self._client = _client(self._connection, self._origin.timeout_seconds)
            yield
        except ClientError as error:
            raise self._told_apart(error) from error
        except (NoCredentialsError, PartialCredentialsError, ParamValidationError) as error:
            raise Refused(f"{self.name}: {error}; check the bucket and the connection's key.") from error
        except BotoCoreError as error:
            raise Transient(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def walk(self) -> Iterator[RemoteFile]:
        """Every object below the prefix; one that stands for a folder is none."""
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._origin.bucket, Prefix=self._base):
            for found in page.get("Contents", ()):
                if not found["Key"].endswith("/"):
                    path = found["Key"].removeprefix(self._base)
                    yield _file(path, found["Size"], found["LastModified"], found.get("ETag"))

    def look(self, path: str) -> RemoteFile:
        found = self._client.head_object(**self._object(path))
        return _file(path, found["ContentLength"], found["LastModified"], found.get("ETag"))

    def read(self, path: str, start: int) -> Iterator[bytes]:
        if start and start >= self.look(path).size:
            return
        wanted = {"Range": f"bytes={start}-"} if start else {}
        yield from self._client.get_object(**self._object(path), **wanted)["Body"].iter_chunks(PIECE)

    def delete(self, path: str) -> None:
        self._client.delete_object(**self._object(path))

    def move(self, path: str, target: str) -> None:
        key = posixpath.normpath(f"{self._base}{target}")
        try:
            self._client.head_object(Bucket=self._origin.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                raise
        else:
            raise FileExistsError(key)
        self._client.copy(self._object(path), self._origin.bucket, key)
        self.delete(path)

    def _object(self, path: str) -> dict[str, str]:
        return {"Bucket": self._origin.bucket, "Key": f"{self._base}{path}"}

    def _told_apart(self, error: ClientError) -> Exception:
        code = error.response["Error"]["Code"]
        if code in ABSENT:
            return FileNotFoundError(str(error))
        if code == "NoSuchBucket":
            return Refused(f"{self.name}: there is no such bucket; check `bucket` and the extra `endpoint_url`.")
        if code in PASSING or error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            return Transient(str(error))
        return Refused(f"{self.name}: {error}; check the bucket and the connection's key.")


def _file(path: str, size: int, modified: datetime, tag: str | None) -> RemoteFile:
    # a listing may tell more of the second than the object itself does
    return RemoteFile(path, size, float(int(modified.timestamp())), (tag or "").strip('"'))


def _client(connection: Connection, timeout_seconds: float) -> Any:
    extra = connection.extra
    session = boto3.Session(
        aws_access_key_id=connection.login or None,
        aws_secret_access_key=connection.password or None,
        aws_session_token=extra.get("session_token") or extra.get("aws_session_token"),
        region_name=extra.get("region") or extra.get("region_name") or "us-east-1",
    )
    endpoint = extra.get("endpoint_url")
    config = Config(
        connect_timeout=timeout_seconds,
        read_timeout=timeout_seconds,
        # The pull has its own patience; this is for the hiccup of one request.
        retries={"total_max_attempts": 2, "mode": "standard"},
        # What other providers understand too.
        s3={"addressing_style": "path" if endpoint else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    if role := extra.get("role_arn"):
        trusted = session.client("sts", endpoint_url=endpoint, config=config)
        key = trusted.assume_role(RoleArn=role, RoleSessionName="backhaul")["Credentials"]
        session = boto3.Session(
            key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"], region_name=session.region_name
        )
    try:
        return session.client("s3", endpoint_url=endpoint, config=config)
    except ValueError as error:
        raise Refused(f"Connection {connection.id!r}: {error}; check the extra `endpoint_url`.") from error
