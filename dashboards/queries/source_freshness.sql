-- One row per source: its files and rows, what could not be read, how far its events reach.
select
    file.source_id,
    any_value(file.source_domain) as source_domain,
    count(*) as file_count,
    sum(file.rows_read) as rows_read,
    sum(file.rows_quarantined) as rows_quarantined,
    max(file.landed_at) as last_landed_at,
    max(file.horizon) as horizon,
    date_diff('day', max(file.horizon), (select max(newest.horizon) from core.dim_source_file as newest)) as days_behind
from core.dim_source_file as file
group by file.source_id
order by days_behind desc, file.source_id
