select
    source_id,
    file_sha256,
    file_name,
    file_bytes,
    landing_path,
    batch_id,
    kind as source_kind,
    domain as source_domain,
    landed_at,
    horizon,
    rows_read,
    rows_quarantined
from {{ source('lake', 'receipt') }}
-- one file may have been parsed under several contract versions: the newest receipt speaks
qualify row_number() over (partition by source_id, file_sha256 order by contract_version desc, batch_id) = 1
