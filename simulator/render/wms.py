"""The warehouse system: item master with cost and weight, materials, and month-end stock of returned goods."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from simulator.calendar import FIRST_DAY, MONTHS, first_day_after
from simulator.render.files import EXPORT, LABEL, NativeFile, query

_INCOMPLETE = 3  # the product whose materials are not all told
_MISCOUNTED = "2026-05"  # the count of one unit too many


def files(db: duckdb.DuckDBPyConnection) -> Iterator[NativeFile]:
    """CSV: two item master exports (the later one in cp1252), one of materials, twelve snapshots."""
    for name, condition, encoding in (("2025", "=", "utf-8"), ("2026", ">", "cp1252")):
        rows = query(
            db,
            f"""
            select export_of(i.updated_at) as {EXPORT}, p.sku, i.effective_from::date::varchar as effective_from,
                   p.name_en, p.name_fr, p.category,
                   i.unit_cost::varchar as unit_cost, i.currency, i.weight_kg::varchar as weight_kg, p.hs_code,
                   iso_z(i.updated_at) as updated_at,
                   case when i.weight_kg is null then 'missing_weight' when i.unit_cost is null then 'missing_cost'
                   end as {LABEL}
            from items i join products p on p.row = i.product
            where p.in_wms and i.effective_from {condition} (select min(effective_from) from items)
            order by p.sku, i.effective_from
        """,
        )
        label = "" if encoding == "utf-8" else "cp1252_file"
        yield NativeFile(f"wms/item_master_{name}.csv", rows, "csv", encoding=encoding, label=label)
    materials = query(
        db,
        f"""
        with shares as (select row, sku, material, 0.800 + (row * 37 % 150) * 0.001 as share from products)
        select sku, material as material_code, share::decimal(5, 3)::varchar as mass_share,
               '2025-01-06T14:00:00Z' as updated_at,
               case when row = {_INCOMPLETE} and material <= 'PAPERBOARD' then 'composition_not_whole' end as {LABEL}
        from shares
        union all
        select sku, 'PAPERBOARD', (1 - share - if(row = {_INCOMPLETE}, 0.02, 0))::decimal(5, 3)::varchar,
               '2025-01-06T14:00:00Z',
               case when row = {_INCOMPLETE} and material > 'PAPERBOARD' then 'composition_not_whole' end
        from shares
        order by 1, 2
    """,
    )
    yield NativeFile("wms/item_materials.csv", materials, "csv", arrives=FIRST_DAY)
    for month in MONTHS:
        day = first_day_after(str(month))
        at = f"{day}T00:00:00"
        rows = query(
            db,
            f"""
            with seen as (
                select unit, arg_max(grade, inspected_at) as grade from inspections
                where inspected_at < timestamp '{at}' group by unit
            ), counts as (
            select '{at}Z' as snapshot_at, u.node_id, 'RET-' || substr(p.category, 1, 2) as location, p.sku,
                   coalesce(s.grade, '') as condition_grade,
                   case when s.unit is null then 'RECEIVED' else 'GRADED' end as stage,
                   count(*) as quantity
            from units u join products p on p.row = u.product join final f on f.row = u.row
            left join seen s on s.unit = u.row
            where u.channel = 'WEBSHOP' and u.received_at < timestamp '{at}'
              and coalesce(f.executed_at >= timestamp '{at}', true)
            group by all
            ), numbered as (
                select *, row_number() over (order by node_id, sku, condition_grade, stage) as number from counts
            )
            select * exclude (quantity, number),
                   (quantity + if(number = 1 and '{month}' = '{_MISCOUNTED}', 1, 0))::varchar as quantity,
                   case when number = 1 and '{month}' = '{_MISCOUNTED}' then 'stock_discrepancy' end as {LABEL}
            from numbered order by number
        """,
        )
        yield NativeFile(f"wms/inventory_snapshot_{month}.csv", rows, "csv", arrives=day)
