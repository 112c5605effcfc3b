select
    carrier,
    tracking_number,
    service,
    is_return,
    status,
    label_created_at,
    label_amount,
    upper(currency) as currency,
    first_scan_at,
    delivered_at,
    promised_at,
    from_country,
    to_country,
    to_node_id,
    weight_kg,
    billed_weight_kg,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'shipments') }}
