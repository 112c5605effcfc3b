select
    child_id,
    parent_id,
    container_kind,
    packed_at,
    unpacked_at,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'containers') }}
