-- Customers by the country that they order to, from the day on which they first ordered there. Who never ordered is
-- known by returns only and has no row.
{{ config(materialized='touched', meta={'touched': {
    'key': 'customer_key',
    'by': {},
}}) }}
with orders as (
    select
        customer_key,
        cast(ordered_at as date) as ordered_date,
        ship_to_country as country,
        min(cast(ordered_at as date)) over (partition by customer_key) as first_order_date,
        max(ship_to_country) over (partition by customer_key) as any_country,
        {{ lineage_columns('sale') }}
    from {{ near(ref('fct_sales_line')) }} as sale
    where customer_key is not null
    -- the last order of a day speaks for it
    qualify row_number() over (
        partition by customer_key, cast(ordered_at as date)
        order by ordered_at desc, sales_line_key
    ) = 1
),

moves as (
    select *
    from orders
    -- an order that names no country tells of no move
    where country is not null or (any_country is null and ordered_date = first_order_date)
    qualify
        lag(ordered_date) over (partition by customer_key order by ordered_date) is null
        or country is distinct from lag(country) over (partition by customer_key order by ordered_date)
)

select
    customer_key,
    {{ effective_dates('customer_key', clock='ordered_date', first='first_order_date') }},
    country,
    first_order_date,
    source_id,
    file_sha256,
    source_row
from moves
