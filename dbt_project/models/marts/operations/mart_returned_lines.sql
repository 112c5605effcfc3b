{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {'fct_return_line': months_of('coalesce(received_at, requested_at)')},
}}) }}
select
    cast(date_trunc('month', coalesce(received_at, requested_at)) as date) as period_month,
    source_id,
    line_class,
    coalesce(currency, 'XXX') as currency,
    count(*) as line_count,
    cast(sum(quantity) as bigint) as unit_count,
    cast(sum(received_quantity) as bigint) as received_unit_count,
    cast(sum(net_amount) as decimal(38, 4)) as net_amount,
    cast(sum(net_amount_reporting) as decimal(38, 4)) as net_amount_reporting
from {{ near(ref('fct_return_line'), in_months('coalesce(received_at, requested_at)')) }}
where coalesce(received_at, requested_at) is not null
group by 1, 2, 3, 4
