select
    tracker_id,
    mode,
    tracking_code,
    status,
    status_detail,
    carrier,
    shipment_id,
    cast(weight_oz * 0.028349523125 as decimal(18, 6)) as weight_kg,
    est_delivery_at,
    is_return,
    finalized,
    created_at,
    {{ version_columns() }}
from {{ lake_table('easypost', 'trackers') }}
