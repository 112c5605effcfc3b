select
    refund_id,
    lpn,
    serial_number,
    rma_id,
    rma_line,
    unit_ordinal,
    order_id,
    order_line,
    refund_amount,
    fee_amount,
    upper(currency) as currency,
    refunded_at,
    method,
    tax_amount,
    exception_code,
    {{ hashed('customer_ref') }} as customer_key,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'refunds') }}
