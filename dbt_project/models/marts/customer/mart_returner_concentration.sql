-- How much of what comes back comes from few customers, by calendar year of receipt: groups only, and a group of fewer
-- than five customers is not shown.
{{ config(materialized='touched', meta={'touched': {
    'key': 'year_start',
    'by': {
        'fct_return_unit': "select cast(date_trunc('year', received_at) as date) from {changes}",
        'fct_sales_line': "
            select cast(date_trunc('year', received_at) as date)
            from core.fct_return_unit
            where order_id in (select order_id from {changes})
        ",
    },
}}) }}
with unit as (
    select
        cast(date_trunc('year', received_at) as date) as year_start,
        customer_key,
        order_id,
        unit_price_reporting
    from {{ near(ref('fct_return_unit'), "cast(date_trunc('year', received_at) as date) in {keys}") }}
    where received_at is not null and unit_price_reporting is not null
),

-- who ordered what names no customer itself
orders as (
    select
        sale.order_id,
        min(sale.customer_key) as customer_key
    from {{ ref('fct_sales_line') }} as sale
    where
        sale.order_id in (
            select unit.order_id
            from unit
            where unit.customer_key is null
        )
    group by sale.order_id
),

customers as (
    select
        unit.year_start,
        coalesce(unit.customer_key, orders.customer_key) as customer_key,
        cast(sum(unit.unit_price_reporting) as decimal(38, 4)) as returned_reporting,
        count(*) as unit_count
    from unit
    left join orders on orders.order_id = unit.order_id
    where coalesce(unit.customer_key, orders.customer_key) is not null
    group by unit.year_start, coalesce(unit.customer_key, orders.customer_key)
),

ranked as (
    select
        *,
        row_number() over (partition by year_start order by returned_reporting desc, customer_key) as customer_rank,
        count(*) over (partition by year_start) as customer_count
    from customers
),

shares as (
    select cast(share.top_share as decimal(3, 2)) as top_share
    from (values (0.01), (0.05), (0.10)) as share (top_share)
),

groups as (
    select
        ranked.year_start,
        shares.top_share,
        max(ranked.customer_count) as customer_count,
        sum(case when ranked.customer_rank <= ceil(ranked.customer_count * shares.top_share) then 1 else 0 end)
            as group_count,
        sum(
            case
                when ranked.customer_rank <= ceil(ranked.customer_count * shares.top_share)
                    then ranked.returned_reporting
                else 0
            end
        ) as group_reporting,
        sum(ranked.returned_reporting) as returned_reporting
    from ranked
    cross join shares
    group by ranked.year_start, shares.top_share
)

select
    year_start,
    top_share,
    customer_count,
    cast(group_count as bigint) as group_count,
    cast(returned_reporting as decimal(38, 4)) as returned_reporting,
    case when group_count >= 5 then cast(group_reporting as decimal(38, 4)) end as group_reporting,
    case when group_count >= 5 then {{ ratio('group_reporting', 'returned_reporting') }} end as concentration_rate
from groups
