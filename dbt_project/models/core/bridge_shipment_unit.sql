-- Parcels and their units, with the driver that a parcel's costs are shared by.
with members as (
    select
        unit.tracking_number,
        unit.unit_key,
        unit.rma_id,
        unit.rma_line,
        unit.unit_ordinal,
        cast(value.mass_kg * 1000000 as bigint) as mass_weight,
        cast(value.landed_cost_reporting * 10000 as bigint) as value_weight,
        value.mass_kg
    from {{ ref('int_units__unit') }} as unit
    left join {{ ref('int_units__value') }} as value on value.unit_key = unit.unit_key
    where unit.tracking_number is not null
),

parcels as (
    select
        tracking_number,
        count(*) as unit_count,
        case
            when count(mass_weight) = count(*) and sum(mass_weight) > 0 then 'PARCEL_MASS'
            when count(value_weight) = count(*) and sum(value_weight) > 0 then 'PARCEL_VALUE'
            else 'PARCEL_EQUAL'
        end as allocation_method
    from members
    group by tracking_number
)

select
    members.tracking_number,
    members.unit_key,
    parcels.unit_count,
    parcels.allocation_method,
    case parcels.allocation_method
        when 'PARCEL_MASS' then members.mass_weight
        when 'PARCEL_VALUE' then members.value_weight
        else 1
    end as driver_weight,
    -- ties of the allocation go to the smaller rank, so that a share never depends on load order
    cast(row_number() over (
        partition by members.tracking_number
        order by members.rma_id, members.rma_line, members.unit_ordinal, members.unit_key
    ) as bigint) as unit_rank,
    members.mass_kg
from members
inner join parcels on parcels.tracking_number = members.tracking_number
