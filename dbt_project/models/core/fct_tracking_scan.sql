-- Carrier scans, of EasyPost's trackers and of whatever else tells scans.
{{ config(materialized='touched', meta={'touched': {
    'key': 'tracking_scan_key',
    'by': {
        'stg_easypost__tracking_details': "select record_key from {changes}",
        'stg_backhaul__tracking_scans': "select record_key from {changes}",
    },
}}) }}
{% for table, tracker_id, tracking_number in [
    ('stg_easypost__tracking_details', 'scan.tracker_id', 'scan.tracking_code'),
    ('stg_backhaul__tracking_scans', 'cast(null as string)', 'scan.tracking_number'),
] -%}
select
    scan.record_key as tracking_scan_key,
    {{ tracker_id }} as tracker_id,
    {{ tracking_number }} as tracking_number,
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
from {{ near(ref(table), "record_key in {keys}") }} as scan
where scan.is_current
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
