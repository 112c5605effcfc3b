-- The composition table of GRI 306 discloses all the waste of its year, and no more.
with waste as (
    select
        cast(year(mass.disposition_month) as bigint) as disclosure_year,
        sum(mass.mass_kg) as waste_kg
    from {{ ref('fct_unit_mass') }} as mass
    inner join {{ ref('dim_mass_class') }} as mass_class on mass_class.mass_class = mass.mass_class
    where mass_class.is_waste
    group by 1
),

disclosed as (
    select
        disclosure_year,
        sum(waste_kg) as disclosed_kg
    from {{ ref('mart_disclosure_gri306') }}
    group by 1
)

select
    waste.disclosure_year,
    waste.waste_kg,
    disclosed.disclosed_kg
from waste
left join disclosed on disclosed.disclosure_year = waste.disclosure_year
where disclosed.disclosed_kg is distinct from waste.waste_kg
