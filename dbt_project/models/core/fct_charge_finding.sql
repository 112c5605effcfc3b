-- What an audit disputes on carriers' invoices. A charge has one finding at most, so that no amount is disputed twice:
-- billed before, else for a parcel that nobody knows, else for a label that was never used, else for too much weight.
{{ config(materialized='touched', meta={'touched': {
    'key': 'tracking_number',
    'by': {
        'fct_fx_rate': rows_of_rates('core.fct_charge_finding', 'tracking_number', 'invoiced_at'),
    },
}}) }}
with charges as (
    select
        *,
        first_value(invoice_id) over same_charge as first_invoice_id,
        first_value(carrier_charge_key) over same_charge as first_charge_key
    from {{ near(ref('fct_carrier_charge')) }}
    where amount > 0 and tracking_number is not null
    window same_charge as (
        partition by carrier, tracking_number, charge_class, amount, currency
        order by invoiced_at, invoice_id, invoice_line, carrier_charge_key
    )
),

judged as (
    select
        charges.*,
        parcel.parcel_weight_kg,
        case
            when charges.invoice_id <> charges.first_invoice_id then 'duplicate_charge'
            when not charges.is_matched then 'unmatched_charge'
            when
                charge_class.is_freight
                and parcel.is_unused
                and parcel.first_scan_at is null
                then 'unused_label_billed'
            when
                charges.charge_class = 'FREIGHT'
                and parcel.parcel_weight_kg > 0
                and charges.billed_weight_kg > parcel.parcel_weight_kg * cast(1.25 as decimal(3, 2))
                then 'weight_uplift'
        end as rule_id
    from charges
    left join {{ ref('dim_charge_class') }} as charge_class on charge_class.charge_class = charges.charge_class
    left join {{ near(ref('fct_return_shipment')) }} as parcel on parcel.tracking_number = charges.tracking_number
),

disputed as (
    select
        *,
        case
            -- an estimate: freight does not grow with weight evenly
            when rule_id = 'weight_uplift'
                then
                    cast(
                        round(
                            cast(amount as decimal(38, 4))
                            * cast((billed_weight_kg - parcel_weight_kg) / billed_weight_kg as decimal(9, 6)),
                            2
                        ) as decimal(18, 4)
                    )
            else amount
        end as disputed_amount
    from judged
    where rule_id is not null
)

select
    {{ surrogate_key(['disputed.rule_id', 'disputed.carrier_charge_key']) }} as charge_finding_key,
    disputed.rule_id,
    disputed.carrier_charge_key,
    case when disputed.rule_id = 'duplicate_charge' then disputed.first_charge_key end as first_charge_key,
    disputed.carrier,
    disputed.tracking_number,
    disputed.invoiced_at,
    disputed.disputed_amount as amount,
    disputed.currency,
    {{ reporting_amount('disputed.disputed_amount', 'disputed.currency') }} as amount_reporting,
    {{ lineage_columns('disputed') }}
from disputed
{{ join_fx('disputed.currency', 'disputed.invoiced_at') }}
