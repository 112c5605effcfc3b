-- Months in which customers who were never refunded ordered, and whether they ordered again within 90 days of the first
-- order of the month.
{{ config(materialized='touched', meta={'touched': {
    'key': 'customer_key',
    'by': {},
}}) }}
with sale as (
    select
        customer_key,
        ordered_at,
        sales_line_key
    from {{ near(ref('fct_sales_line')) }}
    where customer_key is not null
),

first_order as (
    select
        sale.customer_key,
        sale.ordered_at
    from sale
    where
        sale.customer_key not in (
            select refund.customer_key
            from {{ near(ref('fct_refund')) }} as refund
            where refund.customer_key is not null
        )
    qualify row_number() over (
        partition by sale.customer_key, date_trunc('month', sale.ordered_at)
        order by sale.ordered_at, sale.sales_line_key
    ) = 1
),

retained as (
    select distinct
        first_order.customer_key,
        first_order.ordered_at
    from first_order
    inner join sale as again
        on
            again.customer_key = first_order.customer_key
            and again.ordered_at > first_order.ordered_at
            and again.ordered_at <= first_order.ordered_at + interval 90 day
)

select
    first_order.customer_key,
    cast(date_trunc('month', first_order.ordered_at) as date) as period_month,
    retained.customer_key is not null as is_retained
from first_order
left join retained
    on retained.customer_key = first_order.customer_key and retained.ordered_at = first_order.ordered_at
