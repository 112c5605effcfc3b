-- One row per tracking number of a return parcel: when it moved, by its carrier scans. A return names a number without
-- its carrier, so the number is the key. Several records may tell of one parcel, each another part (a label, a tracker,
-- an invoice): of every column the last value told counts, but which way the parcel goes, and what it weighs, its label
-- says best. Carriers reuse numbers: what was told half a year before is another parcel's.
{{ config(materialized='touched', meta={'touched': {
    'key': 'tracking_number',
    'by': {
        'stg_backhaul__tracking_scans': "select tracking_number from {changes}",
    },
}}) }}
with told as (
    select
        *,
        row_number() over (partition by tracking_number order by observed_at, record_key desc) as telling,
        row_number() over (
            partition by tracking_number
            order by case when label_created_at is null then 0 else 1 end, observed_at, record_key desc
        ) as label_telling,
        max(observed_at) over (partition by tracking_number) as last_told_at
    from {{ near(ref('stg_backhaul__shipments')) }}
    where is_current
),

labels as (
    select
        tracking_number,
        {% for column in [
            'service', 'status', 'label_created_at', 'from_country', 'to_country', 'to_node_id', 'billed_weight_kg',
            'est_delivery_at', 'promised_at', 'first_scan_at', 'delivered_at',
        ] -%}
        max_by({{ column }}, telling) filter (where {{ column }} is not null) as {{ column }},
        {% endfor -%}
        coalesce(
            max_by(is_return, label_telling) filter (where is_return is not null),
            max(case when coalesce(is_direction_known, true) then true end)
        ) as is_return,
        max_by(weight_kg, label_telling) filter (where weight_kg is not null) as weight_kg,
        -- a source that knows no carrier says OTHER
        coalesce(max_by(carrier, telling) filter (where carrier <> 'OTHER'), 'OTHER') as carrier,
        max_by(label_amount, telling) filter (where label_amount is not null) as label_amount,
        max_by(currency, telling) filter (where label_amount is not null) as label_currency,
        max_by(source_id, telling) as source_id,
        max_by(file_sha256, telling) as file_sha256,
        max_by(source_row, telling) as source_row
    from told
    where observed_at > last_told_at - interval 180 day
    group by tracking_number
),

scanned as (
    select
        *,
        max(scanned_at) over (partition by tracking_number) as last_scanned_at
    from {{ near(ref('stg_backhaul__tracking_scans')) }}
    where is_current
),

own_scans as (
    select scanned.*
    from scanned
    left join labels on labels.tracking_number = scanned.tracking_number
    where
        scanned.scanned_at > scanned.last_scanned_at - interval 180 day
        and coalesce(scanned.scanned_at > labels.label_created_at - interval 180 day, true)
),

scans as (
    select
        tracking_number,
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
        -- two sources that tell the same scan tell of one
        count(
            distinct cast(scanned_at as string) || '|' || coalesce(status, '') || '|' || coalesce(message, '')
        ) as scan_count,
        max(carrier) as carrier,
        min(source_id) as source_id,
        min(file_sha256) as file_sha256,
        min(source_row) as source_row
    from own_scans
    group by tracking_number
)

select
    coalesce(labels.tracking_number, scans.tracking_number) as tracking_number,
    coalesce(labels.carrier, scans.carrier) as carrier,
    labels.service,
    labels.status,
    -- scans alone do not tell which way a parcel goes
    labels.is_return,
    labels.label_amount,
    labels.label_currency,
    labels.label_created_at,
    labels.from_country,
    labels.to_country,
    labels.to_node_id,
    labels.weight_kg as parcel_weight_kg,
    labels.billed_weight_kg,
    labels.est_delivery_at,
    labels.promised_at,
    coalesce(labels.first_scan_at, scans.first_scan_at) as first_scan_at,
    coalesce(labels.delivered_at, scans.delivered_at) as delivered_at,
    coalesce(scans.last_scan_at, labels.delivered_at, labels.first_scan_at) as last_scan_at,
    coalesce(scans.scan_count, 0) as scan_count,
    case when labels.tracking_number is null then 'backhaul__tracking_scans' else 'backhaul__shipments' end
        as source_table,
    coalesce(labels.source_id, scans.source_id) as source_id,
    coalesce(labels.file_sha256, scans.file_sha256) as file_sha256,
    coalesce(labels.source_row, scans.source_row) as source_row
from labels
full outer join scans on scans.tracking_number = labels.tracking_number
