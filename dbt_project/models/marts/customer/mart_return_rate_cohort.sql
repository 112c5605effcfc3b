-- Of what was shipped in a month, how much came back or was left to the customer. Young months are not yet done.
{%- set counts = {
    'deliverable_count': 'UNITS_DELIVERABLE', 'returned_count': 'UNITS_RETURNED_OF_SHIPPED',
} %}
{%- set amounts = {
    'shipped_reporting': 'VALUE_SHIPPED', 'returned_reporting': 'VALUE_RETURNED_OF_SHIPPED',
} %}
with sums as (
    select
        {{ measured_sums(counts, 'measure', 'bigint') }}
        {{ measured_sums(amounts, 'measure') }}
        measure.period_month as cohort_month,
        coalesce(measure.product_category, 'UNKNOWN') as product_category,
        coalesce(measure.channel, 'UNKNOWN') as channel
    from {{ ref('fct_measure_month') }} as measure
    where measure.measure_code in ({{ measure_list(counts, amounts) }})
    group by
        measure.period_month,
        coalesce(measure.product_category, 'UNKNOWN'),
        coalesce(measure.channel, 'UNKNOWN')
),

as_of as (
    select max(horizon) as as_of from {{ source('lake', 'receipt') }}
)

select
    sums.cohort_month,
    sums.product_category,
    sums.channel,
    sums.deliverable_count,
    sums.returned_count,
    {{ ratio('sums.returned_count', 'sums.deliverable_count') }} as return_rate,
    sums.shipped_reporting,
    sums.returned_reporting,
    {{ ratio('sums.returned_reporting', 'sums.shipped_reporting') }} as value_return_rate,
    {{ add_days('last_day(sums.cohort_month)', 'kpi.maturity_days') }} < cast(as_of.as_of as date) as is_mature,
    as_of.as_of
from sums
cross join as_of
inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = 'A01'
