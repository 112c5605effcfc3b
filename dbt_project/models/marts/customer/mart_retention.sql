-- Who orders again within 90 days of a refund, beside those who bought in the same month and were never refunded, and
-- what customers say. The two groups differ to begin with: who returns buys more.
{%- set counts = {
    'refunded_count': 'CUSTOMERS_REFUNDED', 'retained_count': 'CUSTOMERS_RETAINED', 'csat_count': 'CSAT_ANSWERS',
    'nps_count': 'NPS_ANSWERS', 'nps_balance': 'NPS_BALANCE',
} %}
{%- set scores = {'csat_score': 'CSAT_SCORE'} %}
with sums as (
    select
        {{ measured_sums(counts, 'measure', 'bigint') }}
        {{ measured_sums(scores, 'measure') }}
        measure.period_month
    from {{ ref('fct_measure_month') }} as measure
    where measure.measure_code in ({{ measure_list(counts, scores) }})
    group by measure.period_month
),

other_customers as (
    select
        period_month,
        count(*) as other_count,
        cast(sum(case when is_retained then 1 else 0 end) as bigint) as other_retained_count
    from {{ ref('int_customers__month') }}
    group by period_month
),

as_of as (
    select max(horizon) as as_of from {{ source('lake', 'receipt') }}
)

select
    coalesce(sums.period_month, other_customers.period_month) as period_month,
    coalesce(sums.refunded_count, 0) as refunded_count,
    coalesce(sums.retained_count, 0) as retained_count,
    {{ ratio('sums.retained_count', 'sums.refunded_count') }} as retained_rate,
    coalesce(other_customers.other_count, 0) as other_count,
    coalesce(other_customers.other_retained_count, 0) as other_retained_count,
    {{ ratio('other_customers.other_retained_count', 'other_customers.other_count') }} as other_retained_rate,
    coalesce(sums.csat_count, 0) as csat_count,
    {{ ratio('sums.csat_score', 'sums.csat_count') }} as csat_mean,
    coalesce(sums.nps_count, 0) as nps_count,
    {{ ratio('sums.nps_balance', 'sums.nps_count') }} as net_promoter_rate,
    {{ add_days('last_day(coalesce(sums.period_month, other_customers.period_month))', 'kpi.maturity_days') }}
    < cast(as_of.as_of as date) as is_mature,
    as_of.as_of
from sums
full outer join other_customers on other_customers.period_month = sums.period_month
cross join as_of
inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = 'G01'
