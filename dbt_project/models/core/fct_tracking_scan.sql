-- Carrier scans of parcels, from any source that tells them.
{{ config(materialized='touched', meta={'touched': {
    'key': 'tracking_scan_key',
    'by': {
        'stg_backhaul__tracking_scans': "select record_key from {changes}",
    },
}}) }}
select
    scan.record_key as tracking_scan_key,
    scan.tracking_number,
    scan.scanned_at,
    scan.status,
    scan.status_detail,
    scan.message,
    scan.city,
    scan.state,
    scan.country,
    {{ lineage_columns('scan') }}
from {{ near(ref('stg_backhaul__tracking_scans'), "record_key in {keys}") }} as scan
where scan.is_current
