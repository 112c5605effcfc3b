select
    batch_id,
    source_id,
    file.name as file_name,
    file.sha256 as file_sha256,
    rows_read,
    cast(coalesce(list_sum(list_transform(map_values(tables), lambda entry: entry.rows)), 0) as bigint) as rows_loaded,
    coalesce(quarantine.rows, 0) as rows_quarantined,
    landed_at
from {{ source('lake', 'receipt') }}
