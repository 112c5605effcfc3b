select
    shipment_id,
    tracking_code,
    fee_type,
    amount,
    upper(currency) as currency,
    is_charged,
    is_refunded,
    {{ version_columns() }}
from {{ lake_table('easypost', 'shipment_fees') }}
