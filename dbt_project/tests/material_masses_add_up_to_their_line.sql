-- Invariant 10, second half: the materials of a mass line are the line, to the milligram.
{%- set changed = "
    unit_mass_key in (
        select unit_mass_key from touched.fct_unit_mass
        union
        select unit_mass_key from touched.int_mass__material
    )
" %}
{%- set models = ['fct_unit_mass', 'int_mass__material'] %}
select
    mass.unit_mass_key,
    mass.mass_kg,
    sum(material.mass_kg) as material_kg
from {{ lately(ref('fct_unit_mass'), changed, models) }} as mass
left join {{ lately(ref('int_mass__material'), changed, models) }} as material
    on material.unit_mass_key = mass.unit_mass_key
where mass.mass_kg <> 0
group by mass.unit_mass_key, mass.mass_kg
having sum(material.mass_kg) is distinct from mass.mass_kg
