select
    disposition_id,
    lpn,
    serial_number,
    rma_id,
    rma_line,
    unit_ordinal,
    upper(disposition_code) as disposition_code,
    coalesce(is_final, true) as is_final,
    decided_at,
    executed_at,
    node_id,
    resale_channel,
    lot_id,
    expected_recovery_amount,
    upper(currency) as currency,
    rule_version,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'dispositions') }}
