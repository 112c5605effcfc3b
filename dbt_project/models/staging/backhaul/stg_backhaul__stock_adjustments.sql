select
    adjustment_id,
    adjustment_line,
    sku,
    quantity,
    amount,
    upper(currency) as currency,
    reason_text,
    coalesce(line_class, 'GOODS') as line_class,
    adjusted_at,
    node_id,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'stock_adjustments') }}
