-- The file of each source that told last of everything it holds.
{{ config(materialized='touched', meta={'touched': {'key': 'source_id', 'by': 'whole'}}) }}
select
    source_id,
    file_sha256
from {{ source('lake', 'receipt') }}
where is_full_snapshot
qualify row_number() over (
    partition by source_id
    order by horizon desc, file_sha256
) = 1
