-- One row per event of a unit, in order; times in UTC.
select
    event.event_at,
    case when $language = 'fr' then event_type.label_fr else event_type.label_en end as label,
    event.node_id,
    coalesce(file.file_name, event.file_sha256) as file_name,
    event.source_row,
    event.source_table
from core.fct_return_event as event
left join core.dim_event_type as event_type on event_type.event_type = event.event_type
left join core.dim_source_file as file
    on file.source_id = event.source_id and file.file_sha256 = event.file_sha256
where event.unit_key = $unit_key
order by event.event_at, event_type.step, label
