"""Ways in: fetch bytes from outside into files, and say where the next pull begins. Nothing is parsed here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingestion.config import FromHttp, FromPostgres, Source
from ingestion.extractors.pulled import ExtractError, Pulled

__all__ = ["ExtractError", "Pulled", "pull"]


def pull(source: Source, cursor: dict[str, Any] | None, folder: Path) -> Pulled:
    """Fetch what is new since ``cursor`` into ``folder``. Raises :class:`ExtractError` and ``ConnectionMissing``."""
    if isinstance(source.origin, FromHttp):
        from ingestion.extractors import http

        return http.pull(source.origin, source.overlap, cursor, folder)
    if isinstance(source.origin, FromPostgres):
        from ingestion.extractors import postgres

        return postgres.pull(source.origin, source.overlap, cursor, folder)
    raise ExtractError(f"{source.id}: files are read where they lie; there is nothing to pull.")
