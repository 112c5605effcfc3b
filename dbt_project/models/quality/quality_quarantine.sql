-- How many rows could not be read and were not mended since, by rule; with their raw text they stay in the lake.
select
    _source_id as source_id,
    _batch_id as batch_id,
    _file_sha256 as file_sha256,
    coalesce(table_name, '') as table_name,
    rule,
    coalesce(column_name, '') as column_name,
    count(*) as row_count,
    min(_row) as first_source_row
from {{ lake_quarantine() }} as quarantined
group by 1, 2, 3, 4, 5, 6
