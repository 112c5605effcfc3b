select
    snapshot_at,
    node_id,
    location,
    lpn,
    sku,
    lot,
    condition_grade,
    stage,
    quantity,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'inventory_snapshots') }}
