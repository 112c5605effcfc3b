-- One row per tracking number of a return parcel: when it moved, by its carrier scans. A return names a number without
-- its carrier, so the number is the key; where EasyPost and a native shipment tell of the same one, EasyPost's scans
-- come first. Several native sources may tell of one parcel, each another part: of every column the last value told
-- counts. Carriers reuse numbers: what was told half a year before is another parcel's.
{{ config(materialized='touched', meta={'touched': {
    'key': 'tracking_number',
    'by': {
        'stg_easypost__trackers': "select tracking_code from {changes}",
        'stg_easypost__tracking_details': "
            select tracking_code
            from staging.stg_easypost__trackers
            where tracker_id in (select tracker_id from {changes})
        ",
        'stg_easypost__shipments': "select tracking_code from {changes}",
        'stg_backhaul__tracking_scans': "select tracking_number from {changes}",
    },
}}) }}
with trackers as (
    select *
    from {{ near(ref('stg_easypost__trackers'), "tracking_code in {keys}") }}
    where is_current
    qualify row_number() over (partition by tracking_code order by observed_at desc, record_key) = 1
),

scans as (
    select
        tracker_id,
        {{ scan_times() }}
    from
        {{ near(
            ref('stg_easypost__tracking_details'),
            "tracker_id in (select tracker_id from staging.stg_easypost__trackers where tracking_code in {keys})"
        ) }}
    where is_current
    group by tracker_id
),

labels as (
    select *
    from {{ near(ref('stg_easypost__shipments'), "tracking_code in {keys}") }}
    where is_current and tracking_code is not null
    qualify row_number() over (partition by tracking_code order by observed_at desc, record_key) = 1
),

easypost as (
    select
        coalesce(trackers.tracking_code, labels.tracking_code) as tracking_number,
        coalesce(trackers.carrier, labels.carrier) as carrier,
        labels.service,
        trackers.status,
        coalesce(labels.is_return, trackers.is_return) as is_return,
        labels.label_amount,
        labels.label_currency,
        labels.created_at as label_created_at,
        labels.from_country,
        labels.to_country,
        coalesce(labels.parcel_weight_kg, trackers.weight_kg) as parcel_weight_kg,
        trackers.est_delivery_at,
        scans.first_scan_at,
        scans.delivered_at,
        scans.last_scan_at,
        coalesce(scans.scan_count, 0) as scan_count,
        case when trackers.tracking_code is not null then 'easypost__trackers' else 'easypost__shipments' end
            as source_table,
        coalesce(trackers.source_id, labels.source_id) as source_id,
        coalesce(trackers.file_sha256, labels.file_sha256) as file_sha256,
        coalesce(trackers.source_row, labels.source_row) as source_row
    from trackers
    full outer join labels on labels.tracking_code = trackers.tracking_code
    left join scans on scans.tracker_id = trackers.tracker_id
),

native_told as (
    select
        *,
        row_number() over (partition by tracking_number order by observed_at, record_key desc) as telling,
        max(observed_at) over (partition by tracking_number) as last_told_at
    from {{ near(ref('stg_backhaul__shipments')) }}
    where is_current
),

native_labels as (
    select
        tracking_number,
        {% for column in [
            'service', 'status', 'is_return', 'label_created_at', 'from_country', 'to_country', 'to_node_id',
            'weight_kg', 'billed_weight_kg', 'promised_at', 'first_scan_at', 'delivered_at',
        ] -%}
        max_by({{ column }}, telling) filter (where {{ column }} is not null) as {{ column }},
        {% endfor -%}
        -- a source that knows no carrier says OTHER
        coalesce(max_by(carrier, telling) filter (where carrier <> 'OTHER'), 'OTHER') as carrier,
        max_by(label_amount, telling) filter (where label_amount is not null) as label_amount,
        max_by(currency, telling) filter (where label_amount is not null) as currency,
        max_by(source_id, telling) as source_id,
        max_by(file_sha256, telling) as file_sha256,
        max_by(source_row, telling) as source_row
    from native_told
    where observed_at > last_told_at - interval 180 day
    group by tracking_number
),

native_scans as (
    select
        tracking_number,
        {{ scan_times() }},
        max(carrier) as carrier,
        min(source_id) as source_id,
        min(file_sha256) as file_sha256,
        min(source_row) as source_row
    from {{ near(ref('stg_backhaul__tracking_scans')) }}
    where is_current
    group by tracking_number
),

native as (
    select
        coalesce(native_labels.tracking_number, native_scans.tracking_number) as tracking_number,
        coalesce(native_labels.carrier, native_scans.carrier) as carrier,
        native_labels.service,
        native_labels.status,
        -- scans alone do not tell which way a parcel goes
        case when native_labels.tracking_number is not null then coalesce(native_labels.is_return, true) end
            as is_return,
        native_labels.label_amount,
        native_labels.currency,
        native_labels.label_created_at,
        native_labels.from_country,
        native_labels.to_country,
        native_labels.to_node_id,
        native_labels.weight_kg,
        native_labels.billed_weight_kg,
        native_labels.promised_at,
        coalesce(native_labels.first_scan_at, native_scans.first_scan_at) as first_scan_at,
        coalesce(native_labels.delivered_at, native_scans.delivered_at) as delivered_at,
        coalesce(
            native_scans.last_scan_at, native_labels.delivered_at, native_labels.first_scan_at
        ) as last_scan_at,
        coalesce(native_scans.scan_count, 0) as scan_count,
        case when native_labels.tracking_number is null then 'backhaul__tracking_scans' else 'backhaul__shipments' end
            as source_table,
        coalesce(native_labels.source_id, native_scans.source_id) as source_id,
        coalesce(native_labels.file_sha256, native_scans.file_sha256) as file_sha256,
        coalesce(native_labels.source_row, native_scans.source_row) as source_row
    from native_labels
    full outer join native_scans on native_scans.tracking_number = native_labels.tracking_number
)

select
    coalesce(easypost.tracking_number, native.tracking_number) as tracking_number,
    coalesce(easypost.carrier, native.carrier) as carrier,
    coalesce(easypost.service, native.service) as service,
    coalesce(easypost.status, native.status) as status,
    greatest(easypost.is_return, native.is_return) as is_return,
    coalesce(easypost.label_amount, native.label_amount) as label_amount,
    case when easypost.label_amount is not null then easypost.label_currency else native.currency end
        as label_currency,
    coalesce(easypost.label_created_at, native.label_created_at) as label_created_at,
    coalesce(easypost.from_country, native.from_country) as from_country,
    coalesce(easypost.to_country, native.to_country) as to_country,
    native.to_node_id,
    coalesce(easypost.parcel_weight_kg, native.weight_kg) as parcel_weight_kg,
    native.billed_weight_kg,
    easypost.est_delivery_at,
    native.promised_at,
    coalesce(easypost.first_scan_at, native.first_scan_at) as first_scan_at,
    coalesce(easypost.delivered_at, native.delivered_at) as delivered_at,
    coalesce(easypost.last_scan_at, native.last_scan_at) as last_scan_at,
    coalesce(easypost.scan_count, 0) + coalesce(native.scan_count, 0) as scan_count,
    coalesce(easypost.source_table, native.source_table) as source_table,
    coalesce(easypost.source_id, native.source_id) as source_id,
    coalesce(easypost.file_sha256, native.file_sha256) as file_sha256,
    coalesce(easypost.source_row, native.source_row) as source_row
from easypost
full outer join native on native.tracking_number = easypost.tracking_number
