-- Every cost line from any source in one shape, before allocation.
with native as (
    select
        'backhaul__costs' as source_table,
        cost.record_key,
        cost.document_id,
        identity.unit_key,
        case when cost.unit_evidence is null then cost.tracking_number end as tracking_number,
        cost.category_code,
        cost.amount,
        cost.currency,
        cost.posted_at,
        cost.is_planned,
        {{ lineage_columns('cost') }},
        cost.source_path
    from {{ ref('stg_backhaul__costs') }} as cost
    left join {{ ref('int_units__identity') }} as identity on identity.evidence = cost.unit_evidence
    where cost.is_current
),

labels as (
    select
        'easypost__shipments' as source_table,
        record_key,
        shipment_id as document_id,
        cast(null as string) as unit_key,
        tracking_code as tracking_number,
        'FRT_RTN' as category_code,
        label_amount as amount,
        label_currency as currency,
        created_at as posted_at,
        true as is_planned,
        {{ lineage_columns('shipment') }},
        shipment.source_path
    from {{ ref('stg_easypost__shipments') }} as shipment
    where
        is_current
        and is_return
        and label_amount is not null
        and coalesce(refund_status, '') <> 'refunded'
),

-- PostageFee repeats the label price; the other fees come on top of it
fees as (
    select
        'easypost__shipment_fees' as source_table,
        fee.record_key,
        fee.shipment_id as document_id,
        cast(null as string) as unit_key,
        fee.tracking_code as tracking_number,
        'FRT_RTN' as category_code,
        fee.amount,
        upper(fee.currency) as currency,
        shipment.created_at as posted_at,
        true as is_planned,
        {{ lineage_columns('fee') }},
        fee.source_path
    from {{ ref('stg_easypost__shipment_fees') }} as fee
    inner join {{ ref('stg_easypost__shipments') }} as shipment
        on shipment.shipment_id = fee.shipment_id and shipment.source_id = fee.source_id and shipment.is_current
    where
        fee.is_current
        and shipment.is_return
        and fee.fee_type <> 'PostageFee'
        and fee.is_charged
        and not coalesce(fee.is_refunded, false)
)

select * from native
union all
select * from labels
union all
select * from fees
