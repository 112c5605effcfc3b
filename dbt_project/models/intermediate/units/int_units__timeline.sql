-- The clocks of a unit that other records than its return records tell.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'int_parcels__tracked': "
            select unit_key
            from intermediate.int_units__unit
            where tracking_number in (select tracking_number from {changes})
        ",
    },
}}) }}
with refunds as (
    select
        unit_key,
        min(refunded_at) as refunded_at
    from {{ near(ref('fct_refund')) }}
    where unit_key is not null
    group by unit_key
),

recoveries as (
    select
        unit_key,
        max(recovered_at) as recovered_at,
        min(case when category_code = 'REC_SALE' and amount > 0 then recovered_at end) as sold_at
    from {{ near(ref('fct_recovery')) }}
    where unit_key is not null
    group by unit_key
),

costs as (
    select
        unit_key,
        max(posted_at) as last_cost_posted_at
    from {{ near(ref('fct_cost')) }}
    where unit_key is not null
    group by unit_key
)

select
    unit.unit_key,
    parcel.first_scan_at,
    parcel.delivered_at,
    parcel.last_scan_at,
    parcel.to_country,
    parcel.from_country,
    parcel.carrier,
    refunds.refunded_at,
    recoveries.recovered_at,
    recoveries.sold_at,
    costs.last_cost_posted_at
from {{ near(ref('int_units__unit')) }} as unit
left join
    {{ near(
        ref('int_parcels__tracked'),
        "tracking_number in (select tracking_number from intermediate.int_units__unit where unit_key in {keys})"
    ) }} as parcel on parcel.tracking_number = unit.tracking_number
left join refunds on refunds.unit_key = unit.unit_key
left join recoveries on recoveries.unit_key = unit.unit_key
left join costs on costs.unit_key = unit.unit_key
