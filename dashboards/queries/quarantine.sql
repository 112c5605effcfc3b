-- One row per file, rule and column: rows that could not be read, without their text.
select
    quarantined.source_id,
    coalesce(file.file_name, quarantined.file_sha256) as file_name,
    quarantined.table_name,
    quarantined.rule,
    quarantined.column_name,
    quarantined.row_count,
    quarantined.first_source_row,
    file.landed_at
from quality.quality_quarantine as quarantined
left join core.dim_source_file as file
    on file.source_id = quarantined.source_id and file.file_sha256 = quarantined.file_sha256
order by quarantined.row_count desc, file_name, quarantined.rule
