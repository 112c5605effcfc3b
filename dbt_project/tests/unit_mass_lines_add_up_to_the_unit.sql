-- Every closed unit of known mass is spread over its mass classes without rest.
{%- set changed = "
    unit_key in (
        select unit_key from touched.fct_return_unit
        union
        select unit_key from touched.fct_unit_mass
    )
" %}
{%- set models = ['fct_return_unit', 'fct_unit_mass'] %}
select
    unit.unit_key,
    unit.mass_kg,
    sum(mass.mass_kg) as spread_kg
from {{ lately(ref('fct_return_unit'), changed, models) }} as unit
left join {{ lately(ref('fct_unit_mass'), changed, models) }} as mass on mass.unit_key = unit.unit_key
where
    unit.disposition_month is not null
    and unit.mass_kg is not null
    and unit.disposition_code in (select known.disposition_code from {{ ref('dim_disposition') }} as known)
group by unit.unit_key, unit.mass_kg
having sum(mass.mass_kg) is distinct from unit.mass_kg and unit.mass_kg <> 0
