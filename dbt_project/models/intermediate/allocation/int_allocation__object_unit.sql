-- What units a cost or credit can be shared over when it names none: a parcel, a liquidation lot, or the units that a
-- node received in a month. With each unit stands what it weighs under every driver.
{{ config(materialized='touched', meta={'touched': {
    'key': 'cost_object_id',
    'by': {
        'int_allocation__line': "select cost_object_id from {changes} where cost_object_kind = 'NODE'",
        'int_units__unit': '
            select tracking_number from {changes}
            union
            select cost_object_id
            from intermediate.int_allocation__line
            where cost_object_id in (select ' ~ node_month('node_id', 'received_at') ~ ' from {changes})
            union
            select lot_id
            from intermediate.int_units__disposition
            where unit_key in (select unit_key from {changes})
        ',
        'int_units__disposition': "select lot_id from {changes}",
        'int_units__value': "
            select cost_object_id
            from intermediate.int_allocation__object_unit
            where unit_key in (select unit_key from {changes})
        ",
        'int_units__inspection': "
            select cost_object_id
            from intermediate.int_allocation__object_unit
            where unit_key in (select unit_key from {changes})
        ",
    },
}}) }}
with units as (
    select
        unit.unit_key,
        unit.rma_id,
        unit.rma_line,
        unit.unit_ordinal,
        unit.tracking_number,
        disposition.lot_id,
        unit.node_id,
        unit.received_at,
        cast(value.mass_kg * 1000000 as bigint) as mass_weight,
        cast(value.landed_cost_reporting * 10000 as bigint) as value_weight,
        cast(coalesce(inspection.labour_minutes, 0) * 10000 as bigint) as minutes_weight
    from
        {{ near(
            ref('int_units__unit'),
            [
                'tracking_number in {keys}',
                node_month('node_id', 'received_at') ~ ' in {keys}',
                'unit_key in (select unit_key from intermediate.int_units__disposition where lot_id in {keys})',
            ]
        ) }} as unit
    left join {{ ref('int_units__value') }} as value on value.unit_key = unit.unit_key
    left join {{ ref('int_units__inspection') }} as inspection on inspection.unit_key = unit.unit_key
    left join {{ ref('int_units__disposition') }} as disposition on disposition.unit_key = unit.unit_key
),

-- a node's month is a cost object only where something is to be shared over it
pools as (
    select distinct cost_object_id
    from {{ ref('int_allocation__line') }}
    where cost_object_kind = 'NODE'
),

members as (
    {% for cost_object_kind, cost_object_id in {
        'PARCEL': 'tracking_number', 'LOT': 'lot_id', 'NODE': node_month('node_id', 'received_at'),
    }.items() -%}
    select
        '{{ cost_object_kind }}' as cost_object_kind,
        {{ cost_object_id }} as cost_object_id,
        units.*
    from units
    {% if cost_object_kind == 'NODE' -%}
    inner join pools on pools.cost_object_id = {{ cost_object_id }}
    {% endif -%}
    where {{ cost_object_id }} is not null
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
)

select
    cost_object_kind,
    cost_object_id,
    unit_key,
    mass_weight,
    value_weight,
    minutes_weight,
    -- ties of the allocation go to the smaller rank, so that a share never depends on load order
    cast(row_number() over (
        partition by cost_object_kind, cost_object_id
        order by rma_id nulls last, rma_line nulls last, unit_ordinal, unit_key
    ) as bigint) as unit_rank,
    cast(count(*) over (partition by cost_object_kind, cost_object_id) as bigint) as unit_count,
    count(mass_weight) over (partition by cost_object_kind, cost_object_id)
    = count(*) over (partition by cost_object_kind, cost_object_id)
    and sum(mass_weight) over (partition by cost_object_kind, cost_object_id) > 0 as has_mass,
    count(value_weight) over (partition by cost_object_kind, cost_object_id)
    = count(*) over (partition by cost_object_kind, cost_object_id)
    and sum(value_weight) over (partition by cost_object_kind, cost_object_id) > 0 as has_value,
    sum(minutes_weight) over (partition by cost_object_kind, cost_object_id) > 0 as has_minutes
from members
