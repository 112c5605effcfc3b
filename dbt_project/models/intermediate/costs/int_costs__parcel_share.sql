-- A parcel's cost shared over its units, exact to the cent by largest remainder; what is finer than a cent goes to
-- the unit that is first in line for a remaining cent. Shares add up to the line's amount (invariant 14).
with lines as (
    select
        line.record_key,
        line.source_table,
        bridge.unit_key,
        bridge.allocation_method,
        bridge.unit_rank,
        sign(line.amount) as amount_sign,
        abs(line.amount) as amount_size,
        cast(floor(abs(line.amount) * 100) as hugeint) as cents,
        cast(bridge.driver_weight as hugeint) as weight,
        cast(sum(bridge.driver_weight) over (partition by line.source_table, line.record_key) as hugeint)
            as weight_total
    from {{ ref('int_costs__line') }} as line
    inner join {{ ref('bridge_shipment_unit') }} as bridge on bridge.tracking_number = line.tracking_number
    where line.unit_key is null
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
