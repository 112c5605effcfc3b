-- Every cost line from any source in one shape, before allocation.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'stg_easypost__shipments': "
            select record_key from {changes}
            union
            select record_key
            from staging.stg_easypost__shipment_fees
            where shipment_id in (select shipment_id from {changes})
        ",
        'stg_easypost__refunds': "
            select record_key
            from staging.stg_easypost__shipments
            where shipment_id in (select shipment_id from {changes})
            union
            select record_key
            from staging.stg_easypost__shipment_fees
            where shipment_id in (select shipment_id from {changes})
        ",
        'stg_backhaul__carrier_charges': "
            select record_key from {changes}
            union
            select record_key
            from staging.stg_easypost__shipments
            where tracking_code in (select tracking_number from {changes})
        ",
        'int_parcels__tracked': charges_of_parcels(),
        'int_units__unit': charges_of_parcels(),
    },
}}) }}
with native as (
    select
        'backhaul__costs' as source_table,
        cost.record_key,
        cost.document_id,
        named.unit_key,
        case when named.record_key is null then cost.tracking_number end as tracking_number,
        case when named.record_key is null then cost.lot_id end as lot_id,
        case when named.record_key is null then cost.node_id end as node_id,
        cost.category_code,
        cost.amount,
        cost.currency,
        cost.posted_at,
        cost.is_planned,
        {{ lineage_columns('cost') }},
        cost.source_path
    from {{ near(ref('stg_backhaul__costs')) }} as cost
    {{ join_unit('cost', 'backhaul__costs') }}
    where cost.is_current
),

billed as (
    select distinct tracking_number
    from {{ ref('stg_backhaul__carrier_charges') }}
    where is_current and charge_class = 'FREIGHT' and tracking_number is not null
),

-- a label that was given back, with its fees; the shipment itself may not have been read again since
refunded as (
    select distinct shipment_id
    from {{ ref('stg_easypost__refunds') }}
    where is_current and status = 'refunded'
),

labels as (
    select
        'easypost__shipments' as source_table,
        shipment.record_key,
        shipment.shipment_id as document_id,
        cast(null as string) as unit_key,
        shipment.tracking_code as tracking_number,
        cast(null as string) as lot_id,
        cast(null as string) as node_id,
        'FRT_RTN' as category_code,
        shipment.label_amount as amount,
        shipment.label_currency as currency,
        shipment.created_at as posted_at,
        true as is_planned,
        {{ lineage_columns('shipment') }},
        shipment.source_path
    from {{ near(ref('stg_easypost__shipments')) }} as shipment
    -- a label that the carrier itself bills is paid once: by the invoice
    left join billed on billed.tracking_number = shipment.tracking_code
    left join refunded on refunded.shipment_id = shipment.shipment_id
    where
        billed.tracking_number is null
        and refunded.shipment_id is null
        and shipment.is_current
        and shipment.is_return
        and shipment.label_amount is not null
        and coalesce(shipment.refund_status, '') <> 'refunded'
),

-- PostageFee repeats the label price; the other fees come on top of it
fees as (
    select
        'easypost__shipment_fees' as source_table,
        fee.record_key,
        fee.shipment_id as document_id,
        cast(null as string) as unit_key,
        fee.tracking_code as tracking_number,
        cast(null as string) as lot_id,
        cast(null as string) as node_id,
        'FRT_RTN' as category_code,
        fee.amount,
        upper(fee.currency) as currency,
        shipment.created_at as posted_at,
        true as is_planned,
        {{ lineage_columns('fee') }},
        fee.source_path
    from {{ near(ref('stg_easypost__shipment_fees')) }} as fee
    inner join {{ ref('stg_easypost__shipments') }} as shipment
        on shipment.shipment_id = fee.shipment_id and shipment.source_id = fee.source_id and shipment.is_current
    left join refunded on refunded.shipment_id = fee.shipment_id
    where
        fee.is_current
        and refunded.shipment_id is null
        and shipment.is_return
        and fee.fee_type <> 'PostageFee'
        and fee.is_charged
        and not coalesce(fee.is_refunded, false)
),

-- what went to a customer and did not come back costs no return, and its credits make none cheaper
outbound as (
    select parcel.tracking_number
    from {{ near(ref('int_parcels__tracked'), parcels_of_charges()) }} as parcel
    left join {{ near(ref('int_units__unit'), parcels_of_charges()) }} as unit
        on unit.tracking_number = parcel.tracking_number
    where
        not parcel.is_return
        and coalesce(parcel.status, '') <> 'return_to_sender'
        and unit.tracking_number is null
),

-- invoices of carriers whose labels are only quoted: later adjustments and credits were not planned
charges as (
    select
        'backhaul__carrier_charges' as source_table,
        charge.record_key,
        charge.invoice_id as document_id,
        cast(null as string) as unit_key,
        charge.tracking_number,
        cast(null as string) as lot_id,
        cast(null as string) as node_id,
        charge_class.category_code,
        charge.net_amount as amount,
        charge.currency,
        charge.invoiced_at as posted_at,
        charge_class.is_planned,
        {{ lineage_columns('charge') }},
        charge.source_path
    from {{ near(ref('stg_backhaul__carrier_charges')) }} as charge
    left join {{ ref('dim_charge_class') }} as charge_class on charge_class.charge_class = charge.charge_class
    left join outbound on outbound.tracking_number = charge.tracking_number
    where charge.is_current and outbound.tracking_number is null
)

select * from native
union all
select * from labels
union all
select * from fees
union all
select * from charges
