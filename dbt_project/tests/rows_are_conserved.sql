-- Invariant 28: every row of a landed file is in the lake or in quarantine.
select *
from {{ ref('quality_row_conservation') }}
where rows_read <> rows_loaded + rows_quarantined
