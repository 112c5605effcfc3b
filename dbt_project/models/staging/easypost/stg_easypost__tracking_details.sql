select
    tracker_id,
    tracking_code,
    scanned_at,
    status,
    status_detail,
    message,
    carrier_code,
    source,
    city,
    state,
    country,
    {{ version_columns() }}
from {{ lake_table('easypost', 'tracking_details') }}
