select
    node_id,
    effective_from,
    name,
    node_type,
    country,
    timezone,
    capacity_count,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'nodes') }}
