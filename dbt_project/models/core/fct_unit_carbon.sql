-- The CO2e of a closed unit's mass, by material and boundary, with the factor that was used: of the edition valid on
-- the day its disposition was carried out. Boundaries answer different questions and are never added together.
-- Mass without a factor has no row here: it lowers coverage.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'int_mass__factor': "select unit_key from core.fct_unit_mass where exists (select 1 from {changes})",
    },
}}) }}
with masses as (
    select
        material.unit_mass_key,
        material.unit_key,
        material.material_code,
        material.material_basis,
        material.mass_kg,
        mass.mass_class,
        mass.treatment_code,
        mass.disposition_month,
        mass_class.is_waste,
        mass_class.is_kept_in_use,
        cast(unit.disposition_executed_at as date) as executed_date,
        mass.source_table,
        {{ lineage_columns('mass') }}
    from {{ near(ref('int_mass__material')) }} as material
    inner join {{ near(ref('fct_unit_mass')) }} as mass on mass.unit_mass_key = material.unit_mass_key
    inner join {{ ref('dim_mass_class') }} as mass_class on mass_class.mass_class = mass.mass_class
    inner join {{ near(ref('fct_return_unit')) }} as unit on unit.unit_key = mass.unit_key
)

select
    {{ surrogate_key(['masses.unit_mass_key', 'masses.material_code', 'factor.boundary']) }} as unit_carbon_key,
    masses.unit_mass_key,
    masses.unit_key,
    factor.boundary,
    masses.disposition_month,
    masses.mass_class,
    masses.treatment_code,
    masses.material_code,
    masses.material_basis,
    masses.mass_kg,
    factor.factor_set,
    factor.edition,
    factor.factor_material,
    factor.kg_co2e_per_kg,
    factor.is_proxy,
    cast(round(cast(masses.mass_kg as decimal(38, 6)) * factor.kg_co2e_per_kg, 6) as decimal(18, 6)) as co2e_kg,
    masses.source_table,
    {{ lineage_columns('masses') }}
from masses
inner join {{ ref('int_mass__factor') }} as factor
    on
        factor.material_code = masses.material_code
        and factor.valid_from <= masses.executed_date
        and masses.executed_date < factor.valid_to
        and (
            (factor.boundary = 'PRODUCTION' and masses.is_kept_in_use)
            or (factor.boundary <> 'PRODUCTION' and masses.is_waste and factor.treatment_code = masses.treatment_code)
        )
qualify row_number() over (
    partition by masses.unit_mass_key, masses.material_code, factor.boundary
    order by factor.preference, factor.factor_set
) = 1
