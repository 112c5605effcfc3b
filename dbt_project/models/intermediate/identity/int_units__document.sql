-- Native documents that name a unit, with the evidence they carry. A serial number that came back more than once is
-- read with the authorisation beside it, else with the time: it means the return that was open then. A contested
-- authorisation number means the return of the document's own source.
{%- set clocks = {
    'inspections': 'inspected_at',
    'dispositions': 'decided_at',
    'costs': 'posted_at',
    'recoveries': 'recovered_at',
    'refunds': 'refunded_at',
    'waste_movements': 'moved_at',
    'work_orders': 'started_at',
    'claims': 'filed_at',
} -%}
{%- set of_contested = [] -%}
{%- for table in clocks -%}
    {%- do of_contested.append(
        'select record_key from staging.stg_backhaul__' ~ table ~ ' where rma_id in (select rma_id from {changes})'
    ) -%}
{%- endfor %}
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'int_units__serial_episode': "
            select record_key
            from intermediate.int_units__document
            where serial_evidence in (select serial_evidence from {changes})
            or regexp_replace(serial_evidence, '~[0-9]+$', '') in (select serial_evidence from {changes})
        ",
        'int_units__contested_rma': of_contested | join(' union all '),
    },
}}) }}
with documents as (
    {% for table, clock in clocks.items() -%}
    select
        'backhaul__{{ table }}' as source_table,
        record.record_key,
        record.{{ clock }} as told_at,
        record.rma_id,
        {{ lpn_evidence('record.lpn') }} as lpn_evidence,
        {{ serial_evidence('record.serial_number') }} as serial_evidence,
        {{ rma_evidence(
            scoped_rma('record.rma_id', 'contested.rma_scope'), 'record.rma_line', 'record.unit_ordinal'
        ) }} as rma_evidence,
        {{ lineage_columns('record') }}
    from {{ near(ref('stg_backhaul__' ~ table)) }} as record
    left join {{ ref('int_units__contested_rma') }} as contested
        on contested.rma_id = record.rma_id and contested.source_id = record.source_id
    where record.is_current and coalesce(record.lpn, record.serial_number, record.rma_id) is not null
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
    -- two tables may number their rows alike
    {{ surrogate_key(['documents.source_table', 'documents.record_key']) }} as unit_record_key,
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
