select
    object_type,
    object_id,
    {{ version_columns() }}
from {{ lake_table('easypost', 'objects') }}
