select
    carrier,
    tracking_number,
    scanned_at,
    status,
    status_detail,
    message,
    city,
    state,
    country,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'tracking_scans') }}
