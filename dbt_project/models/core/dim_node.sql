-- Nodes as a source describes them, by the day from which it holds; those that only records name are inferred members.
{{ config(materialized='touched', meta={'touched': {
    'key': 'node_id',
    'by': 'whole',
}}) }}
with one_per_day as (
    select *
    from {{ ref('stg_backhaul__nodes') }}
    where is_current
    -- two sources may give the same day: the later one wins, then the record key
    qualify row_number() over (
        partition by node_id, effective_from
        order by observed_at desc, record_key
    ) = 1
),

named as (
    select node_id from {{ ref('fct_return_unit') }}
    union
    select node_id from {{ ref('fct_return_event') }}
    union
    select node_id from {{ ref('fct_inventory_snapshot') }}
    union
    select node_id from {{ ref('fct_stock_adjustment') }}
    union
    select node_id from {{ ref('fct_return_shipment') }}
    union
    select node_id from {{ ref('fct_work_order') }}
    union
    select node_id from {{ ref('fct_labour') }}
),

described as (
    select
        node_id,
        {{ effective_dates('node_id') }},
        name as node_name,
        node_type,
        country,
        timezone,
        capacity_count,
        false as is_inferred,
        source_id,
        file_sha256,
        source_row
    from one_per_day
)

select * from described
union all
select
    named.node_id,
    cast('1900-01-01' as date) as valid_from,
    cast('9999-12-31' as date) as valid_to,
    true as is_current,
    cast(null as string) as node_name,
    cast(null as string) as node_type,
    cast(null as string) as country,
    cast(null as string) as timezone,
    cast(null as bigint) as capacity_count,
    true as is_inferred,
    cast(null as string) as source_id,
    cast(null as string) as file_sha256,
    cast(null as bigint) as source_row
from named
where named.node_id is not null and named.node_id not in (select described.node_id from described)
