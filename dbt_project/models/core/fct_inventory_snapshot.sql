{{ config(materialized='touched', meta={'touched': {
    'key': 'inventory_snapshot_key',
    'by': {
        'stg_wms_inventory__inventory_snapshots': "select record_key from {changes}",
        'stg_backhaul__inventory_snapshots': "select record_key from {changes}",
    },
}}) }}
{% for source in ['wms_inventory', 'backhaul'] -%}
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
    '{{ source }}__inventory_snapshots' as source_table,
    source_id,
    file_sha256,
    source_row
from {{ near(ref('stg_' ~ source ~ '__inventory_snapshots'), "record_key in {keys}") }}
where is_current
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
