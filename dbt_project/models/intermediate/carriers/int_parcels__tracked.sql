-- One row per tracking number of a return parcel: when it moved, by its carrier scans. Carriers reuse numbers:
-- scans are taken from the tracker that EasyPost last changed.
with trackers as (
    select *
    from {{ ref('stg_easypost__trackers') }}
    where is_current
    qualify row_number() over (partition by tracking_code order by observed_at desc, record_key) = 1
),

scans as (
    select
        tracker_id,
        min(
            case
                when
                    status in (
                        'in_transit', 'out_for_delivery', 'delivered', 'return_to_sender', 'available_for_pickup'
                    )
                    then scanned_at
            end
        ) as first_scan_at,
        min(case when status = 'delivered' then scanned_at end) as delivered_at,
        max(scanned_at) as last_scan_at,
        count(*) as scan_count
    from {{ ref('stg_easypost__tracking_details') }}
    where is_current
    group by tracker_id
),

labels as (
    select *
    from {{ ref('stg_easypost__shipments') }}
    where is_current and tracking_code is not null
    qualify row_number() over (partition by tracking_code order by observed_at desc, record_key) = 1
)

select
    coalesce(trackers.tracking_code, labels.tracking_code) as tracking_number,
    coalesce(trackers.carrier, labels.carrier) as carrier,
    labels.service,
    trackers.status,
    coalesce(labels.is_return, trackers.is_return, false) as is_return,
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
    coalesce(trackers.source_id, labels.source_id) as source_id,
    coalesce(trackers.file_sha256, labels.file_sha256) as file_sha256,
    coalesce(trackers.source_row, labels.source_row) as source_row
from trackers
full outer join labels on labels.tracking_code = trackers.tracking_code
left join scans on scans.tracker_id = trackers.tracker_id
