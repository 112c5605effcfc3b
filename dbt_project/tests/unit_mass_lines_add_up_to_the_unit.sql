-- Every closed unit of known mass is spread over its mass classes without rest.
select
    unit.unit_key,
    unit.mass_kg,
    sum(mass.mass_kg) as spread_kg
from {{ ref('fct_return_unit') }} as unit
left join {{ ref('fct_unit_mass') }} as mass on mass.unit_key = unit.unit_key
where
    unit.disposition_month is not null
    and unit.mass_kg is not null
    and unit.disposition_code in (select known.disposition_code from {{ ref('dim_disposition') }} as known)
group by unit.unit_key, unit.mass_kg
having sum(mass.mass_kg) is distinct from unit.mass_kg and unit.mass_kg <> 0
