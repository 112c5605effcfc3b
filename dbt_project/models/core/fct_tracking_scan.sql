{{ config(materialized='touched', meta={'touched': {
    'key': 'tracking_scan_key',
    'by': {
        'stg_easypost__tracking_details': "select record_key from {changes}",
    },
}}) }}
select
    scan.record_key as tracking_scan_key,
    scan.tracker_id,
    scan.tracking_code as tracking_number,
    scan.scanned_at,
    scan.status,
    scan.status_detail,
    scan.message,
    scan.city,
    scan.state,
    scan.country,
    scan.source_id,
    scan.file_sha256,
    scan.source_row
from {{ near(ref('stg_easypost__tracking_details'), "record_key in {keys}") }} as scan
where scan.is_current
