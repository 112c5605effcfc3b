-- Lines of carriers' invoices, and labels paid when they were bought. What they cost the units stands in fct_cost; here
-- stands what was billed, and for what.
{{ config(materialized='touched', meta={'touched': {
    'key': 'carrier_charge_key',
    'by': {
        'stg_backhaul__carrier_charges': "select record_key from {changes}",
        'int_parcels__tracked': charges_of_parcels(),
        'int_units__unit': charges_of_parcels(),
        'fct_fx_rate': rows_of_rates('core.fct_carrier_charge', 'carrier_charge_key', 'invoiced_at'),
    },
}}) }}
with known as (
    select tracking_number from
        {{ near(ref('int_parcels__tracked'), parcels_of_charges()) }}
    union
    select tracking_number from
        {{ near(ref('int_units__unit'), parcels_of_charges()) }}
)

select
    charge.record_key as carrier_charge_key,
    charge.carrier,
    charge.invoice_id,
    charge.invoice_line,
    charge.invoiced_at,
    charge.tracking_number,
    -- a parcel, or a unit that came by it, is known
    known.tracking_number is not null as is_matched,
    charge.charge_class,
    charge_class.category_code,
    charge.net_amount as amount,
    charge.incentive_amount,
    charge.currency,
    {{ reporting_amount('charge.net_amount', 'charge.currency') }} as amount_reporting,
    charge.billed_weight_kg,
    {{ lineage_columns('charge') }}
from {{ near(ref('stg_backhaul__carrier_charges'), "record_key in {keys}") }} as charge
left join {{ ref('dim_charge_class') }} as charge_class on charge_class.charge_class = charge.charge_class
left join known on known.tracking_number = charge.tracking_number
{{ join_fx('charge.currency', 'charge.invoiced_at') }}
where charge.is_current
