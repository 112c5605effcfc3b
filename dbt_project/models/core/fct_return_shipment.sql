-- Return parcels: when they moved, what they were to cost, what they did cost, and what came in them.
-- a slice is the parcel's when all its units share it
{{ config(materialized='touched', meta={'touched': {
    'key': 'tracking_number',
    'by': {
        'fct_fx_rate': rows_of_rates('core.fct_return_shipment', 'tracking_number', 'label_created_at'),
        'dim_as_of': "
            select tracking_number
            from core.fct_return_shipment
            where
                first_scan_at >= (select min(as_of) - interval 30 day from {changes})
                and first_scan_at < (select max(as_of) - interval 30 day from {changes})
                or label_created_at >= (select min(as_of) - interval 30 day from {changes})
                and label_created_at < (select max(as_of) - interval 30 day from {changes})
        ",
    },
}}) }}
with units as (
    select
        tracking_number,
        {% for column in ['channel', 'product_category', 'node_id', 'return_type'] -%}
        case when min({{ column }}) = max({{ column }}) then min({{ column }}) end as {{ column }},
        {% endfor -%}
        min(received_at) as received_at,
        count(*) as unit_count
    from {{ near(ref('fct_return_unit')) }}
    where tracking_number is not null
    group by tracking_number
),

freight as (
    select
        cost.tracking_number,
        sum(cost.amount_reporting) as freight_reporting
    from {{ near(ref('fct_cost')) }} as cost
    inner join {{ ref('dim_cost_category') }} as category on category.category_code = cost.category_code
    where cost.tracking_number is not null and category.component = 'FREIGHT'
    group by cost.tracking_number
),

-- a later line corrects the weight of an earlier one
weighed as (
    select
        tracking_number,
        billed_weight_kg
    from {{ near(ref('fct_carrier_charge')) }}
    where tracking_number is not null and billed_weight_kg is not null
    qualify row_number() over (
        partition by tracking_number
        order by invoiced_at desc, billed_weight_kg desc
    ) = 1
)

select
    parcel.tracking_number,
    parcel.carrier,
    parcel.service,
    parcel.status,
    parcel.is_return,
    parcel.label_amount,
    parcel.label_currency,
    {{ reporting_amount('parcel.label_amount', 'parcel.label_currency') }} as quoted_reporting,
    parcel.label_created_at,
    parcel.from_country,
    parcel.to_country,
    coalesce(units.node_id, parcel.to_node_id) as node_id,
    units.channel,
    units.product_category,
    units.return_type,
    parcel.parcel_weight_kg,
    coalesce(weighed.billed_weight_kg, parcel.billed_weight_kg) as billed_weight_kg,
    parcel.est_delivery_at,
    parcel.promised_at,
    parcel.first_scan_at,
    parcel.delivered_at,
    parcel.last_scan_at,
    units.received_at,
    parcel.scan_count,
    coalesce(units.unit_count, 0) as unit_count,
    cast(freight.freight_reporting as decimal(18, 4)) as freight_reporting,
    coalesce(
        parcel.delivered_at is null
        and units.received_at is null
        and parcel.first_scan_at < as_of.as_of - interval 30 day,
        false
    ) as is_lost,
    coalesce(
        -- a carrier that tells no scans still delivers
        coalesce(
            coalesce(parcel.first_scan_at, parcel.delivered_at, units.received_at)
            > parcel.label_created_at + interval 30 day,
            true
        )
        and parcel.label_created_at < as_of.as_of - interval 30 day,
        false
    ) as is_unused,
    parcel.source_table,
    {{ lineage_columns('parcel') }}
from {{ near(ref('int_parcels__tracked')) }} as parcel
cross join {{ ref('dim_as_of') }} as as_of
left join units on units.tracking_number = parcel.tracking_number
left join freight on freight.tracking_number = parcel.tracking_number
left join weighed on weighed.tracking_number = parcel.tracking_number
{{ join_fx('parcel.label_currency', 'parcel.label_created_at') }}
