-- Units that went into a job and what came out of it under a serial number of its own. The output is a unit here once
-- it has come back itself.
{{ config(materialized='touched', meta={'touched': {
    'key': 'output_serial_number',
    'by': {
        'int_units__identity': 'select output_serial_number from core.fct_work_order where '
            ~ serial_evidence('output_serial_number')
            ~ ' in (select evidence from {changes})',
    },
}}) }}
select
    job.work_order_key,
    job.unit_key,
    job.work_kind,
    job.completed_at as transformed_at,
    job.output_serial_number,
    output.unit_key as output_unit_key,
    cast(
        1 / cast(count(*) over (partition by job.output_serial_number) as decimal(9, 0)) as decimal(9, 6)
    ) as input_share,
    {{ lineage_columns('job') }}
from {{ near(ref('fct_work_order')) }} as job
left join {{ ref('int_units__identity') }} as output
    on output.evidence = {{ serial_evidence('job.output_serial_number') }}
where job.output_serial_number is not null and job.unit_key is not null
