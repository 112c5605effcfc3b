-- Every cost line from any source in one shape, before allocation.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'stg_backhaul__carrier_charges': "
            select record_key from {changes}
            union
            select record_key
            from staging.stg_backhaul__carrier_charges
            where
                charge_class in ('LABEL', 'LABEL_FEE')
                and (
                    tracking_number in (select tracking_number from {changes})
                    or invoice_id in (select invoice_id from {changes})
                )
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
        cost.paid_at,
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

-- labels that were given back: neither they nor their fees cost anything
voided as (
    select distinct invoice_id
    from {{ ref('stg_backhaul__carrier_charges') }}
    where is_current and charge_class = 'VOID'
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

-- invoices of carriers, and labels that were paid when bought: later adjustments and credits were not planned
charges as (
    select
        'backhaul__carrier_charges' as source_table,
        charge.record_key,
        charge.invoice_id as document_id,
        cast(null as {{ key_type() }}) as unit_key,
        charge.tracking_number,
        cast(null as string) as lot_id,
        cast(null as string) as node_id,
        charge_class.category_code,
        charge.net_amount as amount,
        charge.currency,
        charge.invoiced_at as posted_at,
        cast(null as timestamp) as paid_at,
        charge_class.is_planned,
        {{ lineage_columns('charge') }},
        charge.source_path
    from {{ near(ref('stg_backhaul__carrier_charges')) }} as charge
    left join {{ ref('dim_charge_class') }} as charge_class on charge_class.charge_class = charge.charge_class
    left join outbound on outbound.tracking_number = charge.tracking_number
    left join billed on billed.tracking_number = charge.tracking_number
    left join voided on voided.invoice_id = charge.invoice_id
    where
        charge.is_current
        and outbound.tracking_number is null
        and charge.charge_class <> 'VOID'
        -- a label that the carrier itself bills is paid once: by the invoice
        and (charge.charge_class <> 'LABEL' or billed.tracking_number is null)
        and (charge.charge_class not in ('LABEL', 'LABEL_FEE') or voided.invoice_id is null)
)

select * from native
union all
select * from charges
