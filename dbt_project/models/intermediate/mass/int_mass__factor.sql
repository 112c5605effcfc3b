-- The factors that a kilogram of a material can take, by boundary and treatment, each with its edition's validity.
-- INVENTORY: what treating it emits. AVOIDED: landfilling it less treating it. PRODUCTION: making it anew less making
-- it fit for reuse. A factor that was not published is none: it is never taken as zero.
{{ config(materialized='touched', meta={'touched': {
    'key': 'factor_set',
    'by': 'whole',
}}) }}
with mapped as (
    select
        map.boundary,
        map.material_code,
        map.factor_set,
        map.factor_material,
        factor.pathway,
        factor.treatment_code,
        factor.kg_co2e_per_kg,
        map.is_proxy or factor.is_proxy as is_proxy
    from {{ ref('map_factor_material') }} as map
    inner join {{ ref('dim_emission_factor') }} as factor
        on
            factor.factor_set = map.factor_set
            and factor.boundary = map.boundary
            and factor.factor_material = map.factor_material
),

factors as (
    select
        boundary,
        material_code,
        treatment_code,
        factor_set,
        factor_material,
        kg_co2e_per_kg,
        is_proxy
    from mapped
    where boundary = 'INVENTORY'
    union all
    select
        actual.boundary,
        actual.material_code,
        actual.treatment_code,
        actual.factor_set,
        actual.factor_material,
        landfill.kg_co2e_per_kg - actual.kg_co2e_per_kg as kg_co2e_per_kg,
        actual.is_proxy
    from mapped as actual
    inner join mapped as landfill
        on
            landfill.boundary = actual.boundary
            and landfill.material_code = actual.material_code
            and landfill.factor_set = actual.factor_set
            and landfill.treatment_code = 'LANDFILL'
    where actual.boundary = 'AVOIDED'
    union all
    select
        anew.boundary,
        anew.material_code,
        cast(null as string) as treatment_code,
        anew.factor_set,
        anew.factor_material,
        anew.kg_co2e_per_kg - reused.kg_co2e_per_kg as kg_co2e_per_kg,
        anew.is_proxy
    from mapped as anew
    inner join mapped as reused
        on
            reused.boundary = anew.boundary
            and reused.material_code = anew.material_code
            and reused.factor_set = anew.factor_set
            and reused.pathway = 'Re-used'
    where anew.boundary = 'PRODUCTION' and anew.pathway = 'Primary material production'
)

select
    factors.boundary,
    factors.material_code,
    factors.treatment_code,
    factors.factor_set,
    sets.edition,
    sets.valid_from,
    sets.valid_to,
    factors.factor_material,
    cast(factors.kg_co2e_per_kg as decimal(18, 8)) as kg_co2e_per_kg,
    factors.is_proxy,
    -- a factor of the very material comes before a proxy, then the set that is preferred
    case when factors.is_proxy then 1000 else 0 end + sets.preference as preference
from factors
inner join {{ ref('dim_factor_set') }} as sets on sets.factor_set = factors.factor_set
