-- Invariant 14: what the lines of a run carry is what the run says it shared, and what it says found no unit.
{%- set changed = "allocation_run_id in (select allocation_run_id from touched.fct_allocation_run)" %}
with carried as (
    {% for fact in ['fct_cost', 'fct_recovery'] -%}
    select
        allocation_run_id,
        unit_key,
        amount
    from {{ lately(ref(fact), changed, ['fct_allocation_run']) }}
    where allocation_run_id is not null
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

sums as (
    select
        allocation_run_id,
        sum(case when unit_key is null then 0 else amount end) as allocated_amount,
        sum(case when unit_key is null then amount else 0 end) as unallocated_amount
    from carried
    group by allocation_run_id
)

select
    run.allocation_run_id,
    run.pool_amount,
    run.allocated_amount,
    run.unallocated_amount,
    sums.allocated_amount as carried_amount,
    sums.unallocated_amount as stray_amount
from {{ lately(ref('fct_allocation_run'), changed, ['fct_allocation_run']) }} as run
left join sums on sums.allocation_run_id = run.allocation_run_id
where
    sums.allocated_amount is distinct from run.allocated_amount
    or sums.unallocated_amount is distinct from run.unallocated_amount
    or run.pool_amount <> run.allocated_amount + run.unallocated_amount
