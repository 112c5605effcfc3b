"""The shop's own exports in the native contract, quarter by quarter; what changes later is exported again."""

from __future__ import annotations

import duckdb

from simulator.render.files import LABEL, Form, NativeFile, by_period, query

_ZONE = "'America/Toronto'"
# how documents name a unit: by its plate where it has one, else by authorisation, line and, where needed, ordinal
_EVIDENCE = """
    create table evidence as
    select u.row as unit, u.lpn, case when u.lpn is null or u.row % 3 = 0 then u.rma_id end as rma_id,
           case when u.lpn is null or u.row % 3 = 0 then u.rma_line end as rma_line,
           case when u.rma_id is not null and (l.quantity > 1 or (u.lpn is null and u.row % 2 = 0))
                then u.unit_ordinal end as unit_ordinal
    from units u left join lines l on l.row = u.line order by u.row
"""
_NAMES_UNIT = "e.lpn, null::varchar as serial_number, e.rma_id, e.rma_line, e.unit_ordinal::varchar as unit_ordinal"

_SALES = f"""
    select export_of(ordered_at) as period, order_id, order_line, iso_local(ordered_at, {_ZONE}) as ordered_at,
           case when shipped_at < timestamp '2026-10-01' then iso_local(shipped_at, {_ZONE}) end as shipped_at,
           p.sku, quantity::varchar as quantity, cents(net) as net_amount, cents(tax) as tax_amount, currency,
           unit_landed::varchar as unit_landed_cost, channel, ship_to_country, customer_ref,
           iso_z(s.ordered_at) as updated_at, null::varchar as {LABEL}
    from sales s join products p on p.row = s.product order by s.ordered_at, order_id, order_line
"""
# a line is exported when it is authorised, and again when the goods are in
_RETURNS = f"""
    with price as (
        select order_id, product, min(net / quantity) as price, any_value(currency) as currency from sales group by all
    ), versions as (
        select l.*, c.* exclude (row), c.received_at as known_received_at, c.received_at as changed_at from lines l
        join parcels c on c.row = l.parcel where c.received_at is not null
        union all
        select l.*, c.* exclude (row), null, c.authorised_at from lines l join parcels c on c.row = l.parcel
        where c.received_at is null or export_of(c.received_at) > export_of(c.authorised_at)
    )
    select export_of(changed_at) as period, rma_id, rma_line, v.quantity::varchar as quantity, p.sku,
           case when v.row % 3 > 0 then 'GOODS' end as line_class, return_type, reason_code, v.order_id, order_line,
           case when known_received_at is not null then lpn end as lpn, serial_number, tracking_number,
           iso_local(requested_at, {_ZONE}) as requested_at, iso_local(authorised_at, {_ZONE}) as authorised_at,
           iso_local(known_received_at, {_ZONE}) as received_at,
           case when known_received_at is not null then if(is_us, 'RC-BUF', 'RC-MTL') end as node_id,
           'WEBSHOP' as channel, cents(round(price.price * v.quantity, 2)) as net_amount,
           price.currency, customer_ref, iso_z(changed_at) as updated_at,
           case when v.row % 41 = 0 then 'Boîte abîmée, à vérifier' end as note,
           case when defect is not null then defect
                when changed_at = authorised_at and known_received_at is null
                     and received_at is not null then 'restated_row' end as {LABEL}
    from versions v join products p on p.row = v.product
    left join price on price.order_id = v.order_id and price.product = v.product
    order by changed_at, rma_id, rma_line
"""
_INSPECTIONS = f"""
    select export_of(inspected_at) as period, to_json(struct_pack(
               inspection_id := inspection_id, lpn := e.lpn, rma_id := e.rma_id, rma_line := e.rma_line,
               unit_ordinal := e.unit_ordinal, inspected_at := iso_z(inspected_at), grade := i.grade,
               node_id := u.node_id, scanned_weight_kg := scanned_weight_kg, minutes := minutes::double,
               test_result := case when p.category = 'ELECTRONICS' then if(i.grade in ('D', 'E'), 'DEFECT', 'OK') end,
               updated_at := iso_z(inspected_at)))::varchar as document, null::varchar as {LABEL}
    from inspections i join evidence e on e.unit = i.unit join units u on u.row = i.unit
    join products p on p.row = u.product order by inspected_at, inspection_id
"""
_DISPOSITIONS = f"""
    with versions as (
        select *, coalesce(executed_at, decided_at) as changed_at, executed_at as known_executed_at from dispositions
        union all
        select *, decided_at, null from dispositions where export_of(executed_at) > export_of(decided_at)
    )
    select export_of(changed_at) as period, disposition_id, {_NAMES_UNIT}, disposition_code, is_final,
           iso_local(decided_at, {_ZONE}) as decided_at, iso_local(known_executed_at, {_ZONE}) as executed_at,
           u.node_id, case when disposition_code like 'RES%' then 'WEBSHOP' end as resale_channel,
           iso_z(changed_at) as updated_at,
           case when known_executed_at is null and executed_at is not null then 'restated_row' end as {LABEL}
    from versions d join evidence e on e.unit = d.unit join units u on u.row = d.unit
    order by changed_at, disposition_id
"""
_COSTS = f"""
    select export_of(posted_at) as period, cost_id, 'INV-' || strftime(posted_at::timestamp, '%Y%m%d') as document_id,
           e.lpn, null::varchar as serial_number, e.rma_id, e.rma_line, e.unit_ordinal,
           coalesce(c.tracking_number, k.tracking_number) as tracking_number, category_code, amount, c.currency,
           posted_at::timestamp as posted_at, is_planned::boolean as is_planned, posted_at::timestamp as updated_at,
           defect as {LABEL}
    from costs c left join evidence e on e.unit = c.unit left join parcels k on k.row = c.parcel
    order by c.posted_at, cost_id
"""
_RECOVERIES = f"""
    select export_of(recovered_at) as period, recovery_id,
           'SET-' || strftime(recovered_at::timestamp, '%Y%m%d') as document_id, {_NAMES_UNIT}, category_code,
           cents(gross) as gross_amount, currency, iso_utc(recovered_at) as recovered_at, resale_channel,
           iso_z(recovered_at) as updated_at, null::varchar as {LABEL}
    from recoveries r join evidence e on e.unit = r.unit order by r.recovered_at, recovery_id
"""
_REFUNDS = f"""
    select export_of(refunded_at) as period, refund_id, {_NAMES_UNIT}, u.order_id, u.order_line,
           cents(refund) as refund_amount, cents(fee) as fee_amount, currency,
           iso_local(refunded_at, {_ZONE}) as refunded_at, method, iso_z(r.refunded_at) as updated_at,
           null::varchar as {LABEL}
    from refunds r join evidence e on e.unit = r.unit join units u on u.row = r.unit
    order by r.refunded_at, refund_id
"""
_MOVEMENTS = f"""
    select export_of(moved_at) as period, movement_id, {_NAMES_UNIT}, material_code, treatment_code,
           mass_kg::varchar as mass_kg, is_hazardous, iso_local(moved_at, {_ZONE}) as moved_at,
           if(treatment_code = 'PREPARE_FOR_REUSE', 'ATELIER-QC', 'RECUP-ÉCO') as operator_id,
           'CERT-' || movement_id as certificate_number, iso_z(moved_at) as updated_at, null::varchar as {LABEL}
    from movements m join evidence e on e.unit = m.unit order by m.moved_at, movement_id
"""
_ENTITIES: list[tuple[str, str, Form]] = [
    ("sales_lines", _SALES, "csv"),
    ("returns", _RETURNS, "csv"),
    ("inspections", _INSPECTIONS, "jsonl"),
    ("dispositions", _DISPOSITIONS, "csv"),
    ("costs", _COSTS, "parquet"),
    ("recoveries", _RECOVERIES, "csv"),
    ("refunds", _REFUNDS, "csv"),
    ("waste_movements", _MOVEMENTS, "csv"),
]


def files(db: duckdb.DuckDBPyConnection) -> list[NativeFile]:
    """One file per entity and quarter, and one of exchange rates."""
    db.execute(_EVIDENCE)
    out = []
    for entity, sql, form in _ENTITIES:
        for period, rows in by_period(query(db, sql)):
            out.append(NativeFile(f"shop/{entity}_{period}.{form}", rows, form))
    rates = query(
        db,
        f"""
        select day::date::varchar as rate_date, 'USD' as from_currency, 'CAD' as to_currency,
               rate::decimal(18, 6)::varchar as rate, strftime(day::timestamp, '%Y-%m-%dT21:30:00Z') as updated_at,
               null::varchar as {LABEL}
        from fx order by day
    """,
    )
    return [*out, NativeFile("shop/fx_rates.csv", rates, "csv")]
