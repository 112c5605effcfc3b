-- Invariant 2: a return line has as many units as were announced or came, whichever is more; as many of them are
-- received as the line says, and the others are still awaited, left to the customer, refused, lost or never sent.
{%- set changed = "
    return_line_key in (
        select return_line_key from touched.fct_return_line
        union
        select return_line_key from touched.bridge_line_unit
        union
        select return_line_key
        from core.bridge_line_unit
        where unit_key in (select unit_key from touched.fct_return_unit)
    )
" %}
{%- set models = ['fct_return_line', 'bridge_line_unit', 'fct_return_unit'] %}
with units as (
    select
        member.return_line_key,
        count(*) as unit_count,
        sum(case when unit.received_at is not null then 1 else 0 end) as received_count,
        sum(case when status.unit_status is null then 1 else 0 end) as unknown_status_count
    from {{ lately(ref('bridge_line_unit'), changed, models) }} as member
    left join {{ ref('fct_return_unit') }} as unit on unit.unit_key = member.unit_key
    left join {{ ref('dim_unit_status') }} as status on status.unit_status = unit.unit_status
    group by member.return_line_key
)

select
    line.return_line_key,
    line.quantity,
    line.received_quantity,
    units.unit_count,
    units.received_count,
    units.unknown_status_count
from {{ lately(ref('fct_return_line'), changed, models) }} as line
left join units on units.return_line_key = line.return_line_key
where
    line.line_class = 'GOODS'
    and (
        coalesce(units.unit_count, 0) <> greatest(line.quantity, line.received_quantity)
        -- a unit that two lines speak of may have been received by the other
        or units.received_count < line.received_quantity
        or units.unknown_status_count > 0
    )
