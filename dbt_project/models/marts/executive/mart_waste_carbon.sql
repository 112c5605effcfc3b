-- CO2e by month, boundary, factor set and treatment. A boundary is part of the grain: its figures are never added to
-- another's. Waste that no factor was published for stands as factor set NONE, with its mass and no CO2e.
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {
        'fct_unit_mass': "select disposition_month from {changes}",
        'int_mass__material': months_of_mass_lines(),
        'fct_unit_carbon': months_of_mass_lines(),
    },
}}) }}
{% set boundaries = {
    'INVENTORY': 'mass_class.is_waste', 'AVOIDED': 'mass_class.is_waste', 'PRODUCTION': 'mass_class.is_kept_in_use',
} %}
with eligible as (
    {% for boundary, where in boundaries.items() -%}
    select
        mass.disposition_month as period_month,
        '{{ boundary }}' as boundary,
        coalesce(mass.treatment_code, case when mass_class.is_waste then 'UNKNOWN' else 'NONE' end) as treatment_code,
        material.unit_mass_key,
        material.material_code,
        material.mass_kg
    from {{ ref('int_mass__material') }} as material
    inner join {{ near(ref('fct_unit_mass'), 'disposition_month in {keys}') }} as mass
        on mass.unit_mass_key = material.unit_mass_key
    inner join {{ ref('dim_mass_class') }} as mass_class on mass_class.mass_class = mass.mass_class
    where {{ where }}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

factored as (
    select
        eligible.*,
        carbon.factor_set,
        carbon.edition,
        carbon.co2e_kg,
        carbon.is_proxy
    from eligible
    left join {{ ref('fct_unit_carbon') }} as carbon
        on
            carbon.unit_mass_key = eligible.unit_mass_key
            and carbon.material_code = eligible.material_code
            and carbon.boundary = eligible.boundary
),

summed as (
    select
        period_month,
        boundary,
        coalesce(factor_set, 'NONE') as factor_set,
        treatment_code,
        max(edition) as edition,
        sum(mass_kg) as mass_kg,
        sum(case when is_proxy then mass_kg else 0 end) as proxy_mass_kg,
        sum(co2e_kg) as co2e_kg
    from factored
    group by period_month, boundary, coalesce(factor_set, 'NONE'), treatment_code
)

select
    period_month,
    boundary,
    factor_set,
    edition,
    treatment_code,
    cast(mass_kg as decimal(38, 6)) as mass_kg,
    cast(proxy_mass_kg as decimal(38, 6)) as proxy_mass_kg,
    cast(co2e_kg as decimal(38, 6)) as co2e_kg,
    case when boundary = 'PRODUCTION' then cast({{ var('displacement_rate') }} as decimal(9, 6)) end
        as displacement_rate,
    -- what is kept in use replaces new goods only as far as somebody would have bought new ones
    case
        when boundary = 'PRODUCTION'
            then cast(round(co2e_kg * cast({{ var('displacement_rate') }} as decimal(9, 6)), 6) as decimal(38, 6))
    end as reuse_avoided_co2e_kg
from summed
