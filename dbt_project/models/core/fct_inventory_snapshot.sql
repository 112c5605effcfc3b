select
    record_key as inventory_snapshot_key,
    snapshot_at,
    node_id,
    location,
    lpn,
    sku,
    lot,
    condition_grade,
    stage,
    quantity,
    source_id,
    file_sha256,
    source_row
from {{ ref('stg_wms_inventory__inventory_snapshots') }}
where is_current
