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
from {{ ref('stg_backhaul__sales_lines') }} as sales
{{ join_fx('sales.currency', 'sales.ordered_at') }}
where sales.is_current
