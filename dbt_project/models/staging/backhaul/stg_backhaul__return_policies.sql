select
    policy_id,
    effective_from,
    name,
    channel,
    category,
    country,
    return_days,
    refund_days,
    fee_amount,
    keep_it_limit_amount,
    currency,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'return_policies') }}
