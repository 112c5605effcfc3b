select
    cost_id,
    document_id,
    lpn,
    serial_number,
    rma_id,
    rma_line,
    unit_ordinal,
    tracking_number,
    upper(category_code) as category_code,
    amount,
    upper(currency) as currency,
    posted_at,
    paid_at,
    is_planned,
    lot_id,
    node_id,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'costs') }}
