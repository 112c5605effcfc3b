-- Invariant 28: every row of a landed file is in the lake or in quarantine.
select
    batch_id,
    source_id,
    file_name,
    rows_read,
    rows_loaded,
    rows_quarantined
from {{ ref('quality_row_conservation') }}
where rows_read <> rows_loaded + rows_quarantined
