select
    worked_date,
    node_id,
    activity,
    is_temporary,
    paid_minutes,
    worked_minutes,
    unit_count,
    paid_amount,
    upper(currency) as currency,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'labour_shifts') }}
