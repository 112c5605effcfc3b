select
    order_id,
    order_line,
    ordered_at,
    shipped_at,
    sku,
    quantity,
    net_amount,
    tax_amount,
    upper(currency) as currency,
    unit_landed_cost,
    channel,
    ship_to_country,
    delivered_at,
    shipping_amount,
    {{ hashed('customer_ref') }} as customer_key,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'sales_lines') }}
