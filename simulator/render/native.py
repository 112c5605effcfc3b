"""The shop's own exports: one file per entity and quarter, one for the whole year, or one a day."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from simulator.render import centre, money, shop
from simulator.render.files import NativeFile, by_quarter, query


def files(db: duckdb.DuckDBPyConnection) -> Iterator[NativeFile]:
    """Every entity of the native contract that the business has."""
    db.execute(centre.EVIDENCE)
    for entity in [*shop.ENTITIES, *centre.ENTITIES, *money.ENTITIES]:
        if entity.is_periodic:
            for quarter, part in by_quarter(db, entity.sql):
                yield NativeFile(f"shop/{entity.name}_{quarter}.{entity.form}", part, entity.form)
        else:
            yield NativeFile(f"shop/{entity.name}.{entity.form}", query(db, entity.sql), entity.form)
