"""Ways in: fetch bytes from outside into files, and say where the next pull begins. Nothing is parsed here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingestion.config import FromHttp, FromMariadb, FromPostgres, FromS3, FromSftp, Source
from ingestion.extractors.pulled import ExtractError, Pulled, Refused

__all__ = ["ExtractError", "Pulled", "Refused", "pull"]


def pull(source: Source, cursor: dict[str, Any] | None, folder: Path) -> Pulled:
    """Fetch what is new since ``cursor`` into ``folder``. Raises :class:`ExtractError` and ``ConnectionMissing``."""
    origin = source.origin
    if isinstance(origin, FromHttp):
        from ingestion.extractors import http

        return http.pull(origin, source.kind, source.overlap, cursor, folder)
    if isinstance(origin, FromPostgres | FromMariadb):
        from ingestion.extractors import sql

        return sql.pull(origin, source.overlap, cursor, folder)
    if isinstance(origin, FromSftp | FromS3):
        return _pull_files(origin, source.overlap, cursor, folder)
    raise ExtractError(f"{source.id}: files are read where they lie; there is nothing to pull.")


def _pull_files(origin: FromSftp | FromS3, overlap: float, cursor: dict[str, Any] | None, folder: Path) -> Pulled:
    from ingestion.extractors import remote

    store: remote.Store
    if isinstance(origin, FromSftp):
        from ingestion.extractors.sftp import SftpStore

        store = SftpStore(origin)
    else:
        from ingestion.extractors.s3 import S3Store

        store = S3Store(origin)
    wanted = remote.Wanted(origin.pattern, origin.settle_seconds, origin.attempts, overlap)
    return remote.pull(store, wanted, cursor, folder)
