-- What the documents tell against what stands in the facts, by month: what found its units, what did not, and what got
-- lost on the way, which must be nothing. Money in the currency told.
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {
        'int_costs__line': months_of('posted_at'),
        'fct_cost': months_of('posted_at'),
        'stg_backhaul__recoveries': months_of('recovered_at'),
        'fct_recovery': months_of('recovered_at'),
        'stg_backhaul__refunds': months_of('refunded_at'),
        'fct_refund': months_of('refunded_at'),
        'fct_return_line': months_of('received_at'),
        'bridge_line_unit': "
            select cast(date_trunc('month', received_at) as date)
            from core.fct_return_line
            where return_line_key in (select return_line_key from {changes})
        ",
        'int_integrity__stock': months_of('snapshot_at'),
    },
}}) }}
with told as (
    select
        case when source_table = 'backhaul__carrier_charges' then 'CARRIER_CHARGES' else 'COSTS' end as check_code,
        cast(date_trunc('month', posted_at) as date) as period_month,
        currency,
        amount
    from {{ near(ref('int_costs__line'), in_months('posted_at')) }}
    union all
    select
        'RECOVERIES' as check_code,
        cast(date_trunc('month', recovered_at) as date) as period_month,
        currency,
        gross_amount as amount
    from {{ near(ref('stg_backhaul__recoveries'), in_months('recovered_at')) }}
    where is_current
    union all
    select
        'REFUNDS' as check_code,
        cast(date_trunc('month', refunded_at) as date) as period_month,
        currency,
        refund_amount as amount
    from {{ near(ref('stg_backhaul__refunds'), in_months('refunded_at')) }}
    where is_current
    union all
    select
        'RECEIPTS' as check_code,
        cast(date_trunc('month', received_at) as date) as period_month,
        '' as currency,
        cast(received_quantity as decimal(18, 4)) as amount
    from {{ near(ref('fct_return_line'), in_months('received_at')) }}
    where line_class = 'GOODS' and received_at is not null
    union all
    select
        'STOCK' as check_code,
        cast(date_trunc('month', snapshot_at) as date) as period_month,
        '' as currency,
        cast(counted_count as decimal(18, 4)) as amount
    from {{ near(ref('int_integrity__stock'), in_months('snapshot_at')) }}
),

accounted as (
    select
        case when source_table = 'backhaul__carrier_charges' then 'CARRIER_CHARGES' else 'COSTS' end as check_code,
        cast(date_trunc('month', posted_at) as date) as period_month,
        currency,
        unit_key is not null as is_matched,
        amount
    from {{ near(ref('fct_cost'), in_months('posted_at')) }}
    union all
    select
        'RECOVERIES' as check_code,
        cast(date_trunc('month', recovered_at) as date) as period_month,
        currency,
        unit_key is not null as is_matched,
        amount
    from {{ near(ref('fct_recovery'), in_months('recovered_at')) }}
    union all
    select
        'REFUNDS' as check_code,
        cast(date_trunc('month', refunded_at) as date) as period_month,
        currency,
        unit_key is not null as is_matched,
        amount
    from {{ near(ref('fct_refund'), in_months('refunded_at')) }}
    union all
    select
        'RECEIPTS' as check_code,
        cast(date_trunc('month', line.received_at) as date) as period_month,
        '' as currency,
        true as is_matched,
        cast(1 as decimal(18, 4)) as amount
    from {{ ref('bridge_line_unit') }} as member
    inner join {{ near(ref('fct_return_line'), in_months('received_at')) }} as line
        on line.return_line_key = member.return_line_key
    where line.received_at is not null and member.unit_ordinal <= line.received_quantity
    {% for is_matched, amount in {
        'true': 'least(counted_count, on_hand_count)', 'false': 'greatest(counted_count - on_hand_count, 0)',
    }.items() -%}
    union all
    select
        'STOCK' as check_code,
        cast(date_trunc('month', snapshot_at) as date) as period_month,
        '' as currency,
        {{ is_matched }} as is_matched,
        cast({{ amount }} as decimal(18, 4)) as amount
    from {{ near(ref('int_integrity__stock'), in_months('snapshot_at')) }}
    {% endfor -%}
),

told_sums as (
    select
        check_code,
        period_month,
        coalesce(currency, 'XXX') as currency,
        count(*) as record_count,
        sum(amount) as told_amount
    from told
    group by 1, 2, 3
),

accounted_sums as (
    select
        check_code,
        period_month,
        coalesce(currency, 'XXX') as currency,
        sum(case when is_matched then amount else 0 end) as matched_amount,
        sum(case when is_matched then 0 else amount end) as unmatched_amount
    from accounted
    group by 1, 2, 3
)

select
    coalesce(told_sums.check_code, accounted_sums.check_code) as check_code,
    coalesce(told_sums.period_month, accounted_sums.period_month) as period_month,
    coalesce(told_sums.currency, accounted_sums.currency) as currency,
    coalesce(told_sums.record_count, 0) as record_count,
    cast(coalesce(told_sums.told_amount, 0) as decimal(38, 4)) as told_amount,
    cast(coalesce(accounted_sums.matched_amount, 0) as decimal(38, 4)) as matched_amount,
    cast(coalesce(accounted_sums.unmatched_amount, 0) as decimal(38, 4)) as unmatched_amount,
    cast(
        coalesce(told_sums.told_amount, 0)
        - coalesce(accounted_sums.matched_amount, 0)
        - coalesce(accounted_sums.unmatched_amount, 0) as decimal(38, 4)
    ) as difference_amount
from told_sums
full outer join accounted_sums
    on
        accounted_sums.check_code = told_sums.check_code
        and accounted_sums.period_month = told_sums.period_month
        and accounted_sums.currency = told_sums.currency
