-- Charges to dispute, each with what a carrier will want to see.
select
    finding.charge_finding_key,
    finding.rule_id,
    cast(date_trunc('month', finding.invoiced_at) as date) as period_month,
    charge.carrier,
    charge.invoice_id,
    charge.invoice_line,
    charge.invoiced_at,
    charge.tracking_number,
    charge.charge_class,
    charge.amount as billed_amount,
    finding.amount as disputed_amount,
    finding.currency,
    finding.amount_reporting as disputed_reporting,
    billed_before.invoice_id as first_invoice_id,
    billed_before.invoice_line as first_invoice_line,
    parcel.label_created_at,
    parcel.first_scan_at,
    parcel.parcel_weight_kg,
    charge.billed_weight_kg,
    {{ lineage_columns('finding') }}
from {{ ref('fct_charge_finding') }} as finding
inner join {{ ref('fct_carrier_charge') }} as charge on charge.carrier_charge_key = finding.carrier_charge_key
left join {{ ref('fct_carrier_charge') }} as billed_before
    on billed_before.carrier_charge_key = finding.first_charge_key
left join {{ ref('fct_return_shipment') }} as parcel on parcel.tracking_number = charge.tracking_number
