select
    recovery_id,
    document_id,
    lpn,
    serial_number,
    rma_id,
    rma_line,
    unit_ordinal,
    upper(category_code) as category_code,
    gross_amount,
    upper(currency) as currency,
    recovered_at,
    paid_at,
    resale_channel,
    lot_id,
    tracking_number,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'recoveries') }}
