-- The lines that name no unit shared over their units, exact to the cent by largest remainder; what is finer than a
-- cent goes to the unit that is first in line for a remaining cent. Shares add up to the line's amount (invariant 14).
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'int_allocation__object_unit': "
            select record_key
            from intermediate.int_allocation__run
            where cost_object_id in (select cost_object_id from {changes})
        ",
    },
}}) }}
with drivers as (
    select
        run.record_key,
        run.source_table,
        run.amount,
        run.cost_object_kind,
        run.driver,
        member.unit_key,
        member.unit_rank,
        member.mass_weight,
        member.value_weight,
        member.minutes_weight
    from {{ near(ref('int_allocation__run')) }} as run
    inner join
        {{ near(
            ref('int_allocation__object_unit'),
            "
                cost_object_id in (select cost_object_id
                from intermediate.int_allocation__run
                where record_key in {keys})
            "
        ) }} as member
        on member.cost_object_kind = run.cost_object_kind and member.cost_object_id = run.cost_object_id
),

weighted as (
    select
        record_key,
        source_table,
        unit_key,
        unit_rank,
        cost_object_kind || '_' || driver as allocation_method,
        sign(amount) as amount_sign,
        abs(amount) as amount_size,
        cast(floor(abs(amount) * 100) as {{ wide_integer() }}) as cents,
        cast(
            case driver
                when 'MASS' then mass_weight
                when 'VALUE' then value_weight
                when 'MINUTES' then minutes_weight
                else 1
            end as {{ wide_integer() }}
        ) as weight
    from drivers
),

lines as (
    select
        *,
        cast(sum(weight) over (partition by source_table, record_key) as {{ wide_integer() }}) as weight_total
    from weighted
),

floors as (
    select
        *,
        {{ integer_divide('cents * weight', 'weight_total') }} as floor_cents,
        (cents * weight) - ({{ integer_divide('cents * weight', 'weight_total') }}) * weight_total as remainder
    from lines
),

ranked as (
    select
        *,
        row_number() over (
            partition by source_table, record_key
            order by remainder desc, unit_rank
        ) as remainder_rank,
        cents - sum(floor_cents) over (partition by source_table, record_key) as cents_left
    from floors
)

select
    source_table,
    record_key,
    unit_key,
    allocation_method,
    remainder_rank <= cents_left as has_remainder_cent,
    cast(amount_sign as decimal(1, 0)) * (
        -- times 0.01, not divided by 100: division leaves the decimals
        cast(floor_cents + case when remainder_rank <= cents_left then 1 else 0 end as decimal(14, 0))
        * cast(0.01 as decimal(3, 2))
        + case
            when remainder_rank = 1 then amount_size - cast(cents as decimal(14, 0)) * cast(0.01 as decimal(3, 2))
            else 0
        end
    ) as amount
from ranked
