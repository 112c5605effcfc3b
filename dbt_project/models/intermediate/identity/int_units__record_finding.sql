-- Return records whose number cannot be trusted: gone from the latest full snapshot of their source, naming another thing
-- than before, or meaning another return in another source. They are kept and counted as told; one row per finding, as
-- quality_finding lists them.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'int_units__snapshot': "
            select record_key
            from staging.stg_backhaul__returns
            where source_id in (select source_id from {changes})
        ",
        'int_units__contested_rma': "
            select record_key
            from staging.stg_backhaul__returns
            where rma_id in (select rma_id from {changes})
        ",
    },
}}) }}
with records as (
    select
        returns.record_key,
        max(case when returns.file_sha256 = snapshots.file_sha256 then 1 else 0 end) as is_in_latest,
        min(case when snapshots.source_id is null then 0 else 1 end) as is_from_snapshots,
        count(distinct returns.sku) as sku_count,
        count(distinct cast(coalesce(returns.requested_at, returns.received_at) as date)) as day_count
    from {{ near(ref('stg_backhaul__returns')) }} as returns
    left join {{ ref('int_units__snapshot') }} as snapshots on snapshots.source_id = returns.source_id
    group by returns.record_key
)

{% for rule, where in {
    'vanished_record': 'records.is_from_snapshots = 1 and records.is_in_latest = 0',
    'reused_identifier': 'records.sku_count > 1 and records.day_count > 1',
}.items() -%}
select
    '{{ rule }}' as rule_id,
    records.record_key,
    'backhaul__returns' as source_table,
    returns.rma_id as detail,
    cast(null as {{ key_type() }}) as unit_key,
    {{ lineage_columns('returns') }}
from records
inner join {{ near(ref('stg_backhaul__returns')) }} as returns
    on returns.record_key = records.record_key and returns.is_current
where {{ where }}
union all
{% endfor -%}
select
    'contested_authorisation' as rule_id,
    returns.record_key,
    'backhaul__returns' as source_table,
    returns.rma_id as detail,
    cast(null as {{ key_type() }}) as unit_key,
    {{ lineage_columns('returns') }}
from {{ ref('int_units__contested_rma') }} as contested
inner join {{ near(ref('stg_backhaul__returns')) }} as returns
    on returns.rma_id = contested.rma_id and returns.source_id = contested.source_id and returns.is_current
