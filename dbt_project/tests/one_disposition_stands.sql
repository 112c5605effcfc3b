-- Invariant 1: a unit has one decision that stands at most, and a unit that is closed has exactly one.
{%- set changed = "
    unit_key in (
        select unit_key from touched.fct_return_unit
        union
        select unit_key from touched.fct_disposition
    )
" %}
{%- set models = ['fct_return_unit', 'fct_disposition'] %}
with standing as (
    select
        unit_key,
        count(*) as standing_count
    from {{ lately(ref('fct_disposition'), changed, models) }}
    where is_standing
    group by unit_key
)

select
    unit.unit_key,
    unit.unit_status,
    coalesce(standing.standing_count, 0) as standing_count
from {{ lately(ref('fct_return_unit'), changed, models) }} as unit
left join standing on standing.unit_key = unit.unit_key
where
    coalesce(standing.standing_count, 0) > 1
    or (unit.unit_status = 'CLOSED' and standing.unit_key is null)
