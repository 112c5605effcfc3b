select
    refund_id,
    shipment_id,
    tracking_code,
    carrier,
    status,
    created_at,
    {{ version_columns() }}
from {{ lake_table('easypost', 'refunds') }}
