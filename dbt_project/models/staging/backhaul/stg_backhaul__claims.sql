select
    claim_id,
    lpn,
    serial_number,
    rma_id,
    rma_line,
    unit_ordinal,
    tracking_number,
    claim_kind,
    counterparty_id,
    eligible_until,
    filed_at,
    settled_at,
    outcome,
    claimed_amount,
    paid_amount,
    upper(currency) as currency,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'claims') }}
