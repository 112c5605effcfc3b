-- Parcels that neither arrived nor were delivered, each with its claim, where there is one.
with claimed as (
    select
        *,
        row_number() over (
            partition by tracking_number
            order by filed_at desc nulls last, eligible_until desc, claim_key
        ) as place
    from {{ ref('fct_claim') }}
    where claim_kind = 'CARRIER' and tracking_number is not null
)

select
    parcel.tracking_number,
    cast(date_trunc('month', parcel.first_scan_at) as date) as period_month,
    parcel.carrier,
    parcel.from_country,
    parcel.node_id,
    parcel.channel,
    parcel.product_category,
    parcel.return_type,
    parcel.first_scan_at,
    parcel.last_scan_at,
    parcel.unit_count,
    parcel.quoted_reporting,
    claimed.claim_id,
    claimed.eligible_until,
    claimed.filed_at,
    claimed.outcome,
    claimed.paid_reporting
from {{ ref('fct_return_shipment') }} as parcel
left join claimed on claimed.tracking_number = parcel.tracking_number and claimed.place = 1
where parcel.is_lost
