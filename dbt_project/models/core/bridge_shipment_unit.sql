-- Parcels and their units, with the driver that a parcel's freight is shared by.
{{ config(materialized='touched', meta={'touched': {
    'key': 'tracking_number',
    'by': {
        'int_allocation__object_unit': "select cost_object_id from {changes} where cost_object_kind = 'PARCEL'",
    },
}}) }}
select
    member.cost_object_id as tracking_number,
    member.unit_key,
    member.unit_count,
    case when member.has_mass then 'PARCEL_MASS' when member.has_value then 'PARCEL_VALUE' else 'PARCEL_EQUAL' end
        as allocation_method,
    case when member.has_mass then member.mass_weight when member.has_value then member.value_weight else 1 end
        as driver_weight,
    member.unit_rank,
    cast(member.mass_weight * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)) as mass_kg
from {{ near(ref('int_allocation__object_unit'), "cost_object_id in {keys}") }} as member
where member.cost_object_kind = 'PARCEL'
