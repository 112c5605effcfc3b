-- Invariant 10, second half: the materials of a mass line are the line, to the milligram.
select
    mass.unit_mass_key,
    mass.mass_kg,
    sum(material.mass_kg) as material_kg
from {{ ref('fct_unit_mass') }} as mass
left join {{ ref('int_mass__material') }} as material on material.unit_mass_key = mass.unit_mass_key
where mass.mass_kg <> 0
group by mass.unit_mass_key, mass.mass_kg
having sum(material.mass_kg) is distinct from mass.mass_kg
