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

-- the first order of a month by a customer who was never refunded
other_order as (
    select
        sale.customer_key,
        sale.ordered_at
    from {{ ref('fct_sales_line') }} as sale
    where
        sale.customer_key is not null
        and sale.customer_key not in (
            select refund.customer_key
            from {{ ref('fct_refund') }} as refund
            where refund.customer_key is not null
        )
    qualify row_number() over (
        partition by sale.customer_key, date_trunc('month', sale.ordered_at)
        order by sale.ordered_at, sale.sales_line_key
    ) = 1
),

other_customers as (
    select
        cast(date_trunc('month', other_order.ordered_at) as date) as period_month,
        count(*) as other_count,
        cast(
            sum(
                case
                    when exists (
                        select 1
                        from {{ ref('fct_sales_line') }} as again
                        where
                            again.customer_key = other_order.customer_key
                            and again.ordered_at > other_order.ordered_at
                            and again.ordered_at <= other_order.ordered_at + interval 90 day
                    ) then 1
                    else 0
                end
            ) as bigint
        ) as other_retained_count
    from other_order
    group by cast(date_trunc('month', other_order.ordered_at) as date)
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
