select
    rate_date,
    upper(from_currency) as from_currency,
    upper(to_currency) as to_currency,
    rate,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'fx_rates') }}
