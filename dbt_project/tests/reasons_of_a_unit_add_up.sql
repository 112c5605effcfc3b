-- The reasons of one role share the unit without rest.
select
    unit_key,
    reason_role,
    sum(reason_share) as reason_share
from {{ lately(
    ref('bridge_unit_reason'), 'unit_key in (select unit_key from touched.bridge_unit_reason)', ['bridge_unit_reason']
) }}
group by unit_key, reason_role
having sum(reason_share) <> 1
