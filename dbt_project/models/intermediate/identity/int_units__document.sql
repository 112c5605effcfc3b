-- Native documents that name a unit, with the evidence they carry. A serial number that came back more than once is
-- read with the authorisation beside it, else with the time: it means the return that was open then.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'int_units__serial_episode': "
            select record_key
            from intermediate.int_units__document
            where serial_evidence in (select serial_evidence from {changes})
            or regexp_replace(serial_evidence, '~[0-9]+$', '') in (select serial_evidence from {changes})
        ",
    },
}}) }}
with documents as (
    {% for table, clock in {
        'inspections': 'inspected_at',
        'dispositions': 'decided_at',
        'costs': 'posted_at',
        'recoveries': 'recovered_at',
        'refunds': 'refunded_at',
        'waste_movements': 'moved_at',
        'work_orders': 'started_at',
        'claims': 'filed_at',
    }.items() -%}
    select
        'backhaul__{{ table }}' as source_table,
        record_key,
        {{ clock }} as told_at,
        rma_id,
        {{ lpn_evidence('lpn') }} as lpn_evidence,
        {{ serial_evidence('serial_number') }} as serial_evidence,
        {{ rma_evidence('rma_id', 'rma_line', 'unit_ordinal') }} as rma_evidence,
        {{ lineage_columns('record') }}
    from {{ near(ref('stg_backhaul__' ~ table)) }} as record
    where is_current and coalesce(lpn, serial_number, rma_id) is not null
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

-- which return a reused serial number means: the authorisation's own, else the last one opened by then, else the first
readings as (
    select
        documents.source_table,
        documents.record_key,
        episode.episode_number,
        row_number() over (
            partition by documents.source_table, documents.record_key
            order by
                case when episode.rma_id = documents.rma_id then 0 else 1 end,
                case when episode.episode_opened_at <= documents.told_at then 0 else 1 end,
                case
                    when episode.episode_opened_at <= documents.told_at then -episode.episode_number
                    else episode.episode_number
                end
        ) as reading_rank
    from documents
    inner join {{ ref('int_units__serial_episode') }} as episode
        on episode.serial_evidence = documents.serial_evidence
)

select
    documents.source_table,
    documents.record_key,
    documents.lpn_evidence,
    {{ episode_evidence('documents.serial_evidence', 'readings.episode_number') }} as serial_evidence,
    documents.rma_evidence,
    {{ lineage_columns('documents') }}
from documents
left join readings
    on
        readings.source_table = documents.source_table
        and readings.record_key = documents.record_key
        and readings.reading_rank = 1
