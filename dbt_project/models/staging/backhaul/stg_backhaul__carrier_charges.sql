select
    carrier,
    invoice_id,
    invoice_line,
    invoiced_at,
    tracking_number,
    charge_class,
    net_amount,
    incentive_amount,
    upper(currency) as currency,
    billed_weight_kg,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'carrier_charges') }}
