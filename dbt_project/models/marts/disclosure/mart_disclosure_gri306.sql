-- Waste of the year by material, treatment and hazard: the composition table of GRI 306-3 and what 306-4 and 306-5
-- make of it. Energy recovery is disposal there.
select
    cast(year(mass.disposition_month) as bigint) as disclosure_year,
    material.material_code,
    mass.is_hazardous,
    coalesce(mass.treatment_code, 'UNKNOWN') as treatment_code,
    mass.treatment_site,
    case when mass_class.is_diverted then '306-4' else '306-5' end as gri_306,
    cast(sum(material.mass_kg) as decimal(38, 6)) as waste_kg,
    cast(sum(case when material.material_basis = 'TICKET' then material.mass_kg else 0 end) as decimal(38, 6))
        as ticketed_kg,
    cast(sum(case when material.material_basis = 'COMPOSITION' then material.mass_kg else 0 end) as decimal(38, 6))
        as composed_kg,
    cast(count(distinct mass.unit_key) as bigint) as unit_count
from {{ ref('int_mass__material') }} as material
inner join {{ ref('fct_unit_mass') }} as mass on mass.unit_mass_key = material.unit_mass_key
inner join {{ ref('dim_mass_class') }} as mass_class on mass_class.mass_class = mass.mass_class
where mass_class.is_waste
group by 1, 2, 3, 4, 5, 6
