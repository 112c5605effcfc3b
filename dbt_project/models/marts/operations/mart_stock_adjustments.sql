select
    cast(date_trunc('month', adjusted_at) as date) as period_month,
    source_id,
    line_class,
    coalesce(currency, 'XXX') as currency,
    count(*) as line_count,
    cast(sum(quantity) as bigint) as unit_count,
    cast(sum(amount) as decimal(38, 4)) as amount
from {{ ref('fct_stock_adjustment') }}
group by 1, 2, 3, 4
