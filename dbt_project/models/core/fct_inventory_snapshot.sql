{{ config(materialized='touched', meta={'touched': {
    'key': 'inventory_snapshot_key',
    'by': {
        'stg_wms_inventory__inventory_snapshots': "select record_key from {changes}",
    },
}}) }}
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
from {{ near(ref('stg_wms_inventory__inventory_snapshots'), "record_key in {keys}") }}
where is_current
