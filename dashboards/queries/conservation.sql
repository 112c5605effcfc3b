-- One row: rows read, loaded and quarantined over every batch; what is read is loaded or quarantined.
select
    count(*) as batch_count,
    sum(rows_read) as rows_read,
    sum(rows_loaded) as rows_loaded,
    sum(rows_quarantined) as rows_quarantined,
    count(*) filter (where rows_read <> rows_loaded + rows_quarantined) as broken_count
from quality.quality_row_conservation
