select
    batch_id,
    source_id,
    file_name,
    file_sha256,
    rows_read,
    rows_loaded,
    rows_quarantined,
    landed_at
from {{ source('lake', 'receipt') }}
