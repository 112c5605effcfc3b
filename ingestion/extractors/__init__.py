"""Ways in: fetch bytes from outside into files, and say where the next pull begins. Nothing is parsed here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from backhaul.settings import Settings
from ingestion.config import Filed, FromHttp, FromMariadb, FromPostgres, FromS3, FromSftp, Source, resolve_path
from ingestion.extractors.pulled import ExtractError, Pulled, Refused

if TYPE_CHECKING:
    from ingestion.extractors.remote import Store, Wanted

__all__ = ["ExtractError", "Pulled", "Refused", "pull", "store_of"]


def pull(settings: Settings, source: Source, cursor: dict[str, Any] | None, folder: Path) -> Pulled:
    """Fetch what is new since ``cursor`` into ``folder``. Raises :class:`ExtractError` and ``ConnectionMissing``."""
    origin = source.origin
    if isinstance(origin, FromHttp):
        from ingestion.extractors import http

        return http.pull(origin, source.kind, source.overlap, cursor, folder)
    if isinstance(origin, FromPostgres | FromMariadb):
        from ingestion.extractors import sql

        return sql.pull(origin, source.overlap, cursor, folder)
    if isinstance(origin, FromSftp | FromS3):
        from ingestion.extractors import remote

        return remote.pull(*store_of(settings, origin, source.overlap), cursor, folder)
    raise ExtractError(f"{source.id}: files are read where they lie; there is nothing to pull.")


def store_of(settings: Settings, origin: Filed, overlap_days: float) -> tuple[Store, Wanted]:
    """The place where an origin's files are, and which of them it takes. Raises ``ConnectionMissing``."""
    from ingestion.extractors.remote import Wanted

    if isinstance(origin, FromSftp):
        from ingestion.extractors.sftp import SftpStore

        return SftpStore(origin), Wanted(origin.pattern, origin.settle_seconds, origin.attempts, overlap_days)
    if isinstance(origin, FromS3):
        from ingestion.extractors.s3 import S3Store

        return S3Store(origin), Wanted(origin.pattern, origin.settle_seconds, origin.attempts, overlap_days)
    from ingestion.extractors.local import LocalStore

    return LocalStore(resolve_path(settings, origin.place)), Wanted(origin.pattern, 0, 1, overlap_days)
