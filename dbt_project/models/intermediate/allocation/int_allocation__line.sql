-- Costs and credits that name no unit but something that has units, and the driver that their category asks for.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {},
}}) }}
with lines as (
    select
        source_table,
        record_key,
        tracking_number,
        lot_id,
        node_id,
        category_code,
        posted_at as told_at,
        amount,
        currency
    from {{ near(ref('int_costs__line')) }}
    where unit_key is null
    union all
    select
        'backhaul__recoveries' as source_table,
        recovery.record_key,
        recovery.tracking_number,
        recovery.lot_id,
        cast(null as string) as node_id,
        recovery.category_code,
        recovery.recovered_at as told_at,
        recovery.gross_amount as amount,
        recovery.currency
    from {{ near(ref('stg_backhaul__recoveries')) }} as recovery
    left join {{ near(ref('int_units__record')) }} as named
        on named.source_table = 'backhaul__recoveries' and named.record_key = recovery.record_key
    where recovery.is_current and named.record_key is null
)

select
    lines.source_table,
    lines.record_key,
    case
        when lines.tracking_number is not null then 'PARCEL'
        when lines.lot_id is not null then 'LOT'
        else 'NODE'
    end as cost_object_kind,
    coalesce(lines.tracking_number, lines.lot_id, {{ node_month('lines.node_id', 'lines.told_at') }}) as cost_object_id,
    coalesce(category.allocation_driver, 'MASS') as allocation_driver,
    lines.amount,
    lines.currency
from lines
left join {{ ref('dim_cost_category') }} as category on category.category_code = lines.category_code
where coalesce(lines.tracking_number, lines.lot_id, lines.node_id) is not null
