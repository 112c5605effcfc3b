-- Each sharing of what a parcel, a lot or a node's month cost or brought: what was to be shared, by which method over
-- how many units, what they carry, and what found no unit.
{{ config(materialized='touched', meta={'touched': {
    'key': 'cost_object_id',
    'by': {
        'int_allocation__share': "
            select cost_object_id
            from intermediate.int_allocation__run
            where record_key in (select record_key from {changes})
        ",
    },
}}) }}
with shares as (
    select
        source_table,
        record_key,
        sum(amount) as allocated_amount,
        count(*) as unit_count,
        sum(case when has_remainder_cent then 1 else 0 end) as remainder_cent_count
    from
        {{ near(
            ref('int_allocation__share'),
            'record_key in (select record_key from intermediate.int_allocation__run where cost_object_id in {keys})'
        ) }}
    group by source_table, record_key
)

select
    run.allocation_run_id,
    run.cost_object_kind,
    run.cost_object_id,
    case when run.driver is null then 'UNALLOCATED' else run.cost_object_kind || '_' || run.driver end
        as allocation_method,
    cast({{ var('allocation_rule_version') }} as bigint) as allocation_rule_version,
    run.currency,
    cast(count(*) as bigint) as line_count,
    cast(coalesce(max(shares.unit_count), 0) as bigint) as unit_count,
    cast(sum(run.amount) as decimal(18, 4)) as pool_amount,
    cast(coalesce(sum(shares.allocated_amount), 0) as decimal(18, 4)) as allocated_amount,
    cast(sum(run.amount) - coalesce(sum(shares.allocated_amount), 0) as decimal(18, 4)) as unallocated_amount,
    cast(coalesce(sum(shares.remainder_cent_count), 0) as bigint) as remainder_cent_count
from {{ near(ref('int_allocation__run')) }} as run
left join shares on shares.source_table = run.source_table and shares.record_key = run.record_key
group by run.allocation_run_id, run.cost_object_kind, run.cost_object_id, run.driver, run.currency
