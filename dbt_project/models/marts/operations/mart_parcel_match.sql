-- The three accounts of a return parcel side by side: what the carrier scanned, what it billed, what came in. A number
-- that only an invoice or a receipt names is a parcel too; its month is that of the label, else of what is known first.
with billed as (
    select
        tracking_number,
        min(carrier) as carrier,
        min(invoiced_at) as invoiced_at,
        sum(coalesce(amount_reporting, 0)) as billed_reporting
    from {{ ref('fct_carrier_charge') }}
    -- a label that was paid when it was bought is no invoice
    where tracking_number is not null and charge_class not in ('LABEL', 'LABEL_FEE', 'VOID')
    group by tracking_number
),

received as (
    select
        tracking_number,
        min(carrier) as carrier,
        min(received_at) as received_at
    from {{ ref('fct_return_unit') }}
    where tracking_number is not null and received_at is not null
    group by tracking_number
),

numbers as (
    select tracking_number from {{ ref('fct_return_shipment') }}
    union
    select tracking_number from billed
    union
    select tracking_number from received
),

parcels as (
    select
        cast(
            date_trunc(
                'month',
                coalesce(parcel.label_created_at, parcel.first_scan_at, received.received_at, billed.invoiced_at)
            ) as date
        ) as period_month,
        coalesce(parcel.carrier, billed.carrier, received.carrier, 'UNKNOWN') as carrier,
        coalesce(parcel.first_scan_at, parcel.delivered_at) is not null as is_scanned,
        billed.tracking_number is not null as is_billed,
        received.tracking_number is not null as is_received,
        coalesce(billed.billed_reporting, 0) as billed_reporting
    from numbers
    left join {{ ref('fct_return_shipment') }} as parcel on parcel.tracking_number = numbers.tracking_number
    left join billed on billed.tracking_number = numbers.tracking_number
    left join received on received.tracking_number = numbers.tracking_number
)

select
    period_month,
    carrier,
    is_scanned,
    is_billed,
    is_received,
    count(*) as parcel_count,
    cast(sum(billed_reporting) as decimal(38, 4)) as billed_reporting
from parcels
where period_month is not null
group by period_month, carrier, is_scanned, is_billed, is_received
