select
    vendor_id,
    effective_from,
    name,
    return_window_days,
    credit_share,
    reason_families,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'vendor_terms') }}
