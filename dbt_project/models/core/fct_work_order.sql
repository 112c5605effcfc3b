{{ config(materialized='touched', meta={'touched': {
    'key': 'work_order_key',
    'by': {
        'stg_backhaul__work_orders': documents_beside('backhaul__work_orders'),
        'int_units__record': documents_of_links('backhaul__work_orders'),
    },
}}) }}
select
    job.record_key as work_order_key,
    job.work_order_id,
    named.unit_key,
    job.work_kind,
    job.node_id,
    job.started_at,
    job.completed_at,
    job.outcome,
    -- a second pass of the same unit is its last word
    job.completed_at is not null
    and row_number() over (
        partition by coalesce(named.unit_key, job.record_key)
        order by job.completed_at desc nulls last, job.record_key
    ) = 1 as is_last_completed,
    job.labour_minutes,
    job.output_serial_number,
    {{ lineage_columns('job') }}
from {{ near(ref('stg_backhaul__work_orders'), "record_key in {keys}") }} as job
{{ join_unit('job', 'backhaul__work_orders', where='record_key in {keys}') }}
where job.is_current
