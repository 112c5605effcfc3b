-- One row per source, kind of change and field: how files differed in form, in how many files, the last one first. Of
-- what was renamed, from which name to which.
select
    source_id,
    change_kind,
    table_name,
    column_name,
    arg_max(case when change_kind = 'renamed' then detail end, landed_at) as names,
    count(*) as file_count,
    arg_max(file_name, landed_at) as file_name,
    max(landed_at) as landed_at
from quality.quality_contract_change
group by source_id, change_kind, table_name, column_name
order by landed_at desc, source_id, change_kind, table_name, column_name
