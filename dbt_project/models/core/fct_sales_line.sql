{{ config(materialized='touched', meta={'touched': {
    'key': 'sales_line_key',
    'by': {
        'stg_backhaul__sales_lines': "select record_key from {changes}",
        'fct_fx_rate': rows_of_rates('core.fct_sales_line', 'sales_line_key', 'ordered_at'),
    },
}}) }}
select
    sales.record_key as sales_line_key,
    sales.order_id,
    sales.order_line,
    sales.ordered_at,
    sales.shipped_at,
    sales.delivered_at,
    sales.sku,
    sales.quantity,
    sales.net_amount,
    sales.tax_amount,
    sales.shipping_amount,
    sales.currency,
    {{ reporting_amount('sales.net_amount', 'sales.currency') }} as net_amount_reporting,
    {{ reporting_amount(
        'sales.net_amount + coalesce(sales.tax_amount, 0) + coalesce(sales.shipping_amount, 0)', 'sales.currency'
    ) }} as paid_amount_reporting,
    sales.unit_landed_cost,
    coalesce(sales.channel, 'UNKNOWN') as channel,
    sales.ship_to_country,
    sales.customer_key,
    {{ lineage_columns('sales') }}
from {{ near(ref('stg_backhaul__sales_lines'), "record_key in {keys}") }} as sales
{{ join_fx('sales.currency', 'sales.ordered_at') }}
where sales.is_current
