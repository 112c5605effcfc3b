-- Invariant 1: a unit has one decision that stands at most, and a unit that is closed has exactly one.
with standing as (
    select
        unit_key,
        count(*) as standing_count
    from {{ ref('fct_disposition') }}
    where is_standing
    group by unit_key
)

select
    unit.unit_key,
    unit.unit_status,
    coalesce(standing.standing_count, 0) as standing_count
from {{ ref('fct_return_unit') }} as unit
left join standing on standing.unit_key = unit.unit_key
where
    coalesce(standing.standing_count, 0) > 1
    or (unit.unit_status = 'CLOSED' and standing.unit_key is null)
