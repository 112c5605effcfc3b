-- The sales line that a unit was sold on: the named line, else the first line of the order with its SKU.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'fct_sales_line': "
            select unit_key
            from intermediate.int_units__unit
            where order_id in (select order_id from {changes})
        ",
    },
}}) }}
select
    unit.unit_key,
    sale.sales_line_key,
    sale.ordered_at,
    sale.shipped_at,
    sale.delivered_at,
    sale.unit_landed_cost,
    sale.currency,
    {{ equal_share('sale.net_amount_reporting', 'sale.quantity') }} as unit_price_reporting,
    {{ lineage_columns('sale') }}
from {{ near(ref('int_units__unit')) }} as unit
inner join
    {{ near(
        ref('fct_sales_line'),
        "order_id in (select order_id from intermediate.int_units__unit where unit_key in {keys})"
    ) }} as sale
    on
        sale.order_id = unit.order_id
        and sale.sku = unit.sku
        and (unit.order_line is null or sale.order_line = unit.order_line)
qualify row_number() over (
    partition by unit.unit_key
    order by sale.order_line nulls last, sale.sales_line_key
) = 1
