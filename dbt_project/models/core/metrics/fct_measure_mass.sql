-- What counts in the metrics, one mass line of a closed unit at a time, or one unit that needs a certificate; kilograms.
{{ config(materialized='view') }}
{%- set unit = ref('fct_return_unit').include(database=false) -%}
{%- set mass = ref('fct_unit_mass').include(database=false) -%}
{%- set movement = ref('fct_waste_movement').include(database=false) -%}
{%- set mass_class = ref('dim_mass_class').include(database=false) -%}
{%- set disposition = ref('dim_disposition').include(database=false) %}
with mass as (
    select
        mass.unit_key,
        mass.mass_class,
        mass.mass_kg,
        mass_class.is_waste,
        mass_class.is_kept_in_use,
        mass_class.is_diverted,
        mass_class.hierarchy_weight,
        unit.disposition_code,
        unit.disposition_executed_at,
        {{ slice_columns('unit') }},
        mass.source_table,
        {{ lineage_columns('mass') }}
    from {{ mass }} as mass
    inner join {{ mass_class }} as mass_class on mass_class.mass_class = mass.mass_class
    inner join {{ unit }} as unit on unit.unit_key = mass.unit_key
),

certified as (
    select distinct unit_key
    from {{ movement }}
    where certificate_number is not null and mass_class is not null
),

regulated as (
    select
        unit.unit_key,
        unit.regulation_class,
        unit.disposition_executed_at,
        certified.unit_key is not null as is_certified,
        {{ slice_columns('unit') }},
        unit.source_table,
        {{ lineage_columns('unit') }}
    from {{ unit }} as unit
    inner join {{ disposition }} as disposition on disposition.disposition_code = unit.disposition_code
    left join certified on certified.unit_key = unit.unit_key
    where disposition.is_waste and unit.regulation_class is not null
)

{%- set closed = 'disposition_executed_at' -%}
{#- what a ticket weighed as waste was neither given nor sold on, whatever was decided -#}
{%- set donated = "(mass.disposition_code = 'DONATE' and not mass.is_waste)" -%}
{%- set passed_on = "mass.disposition_code in ('LIQUIDATE_B2B', 'SALVAGE')" %}

{% for code, where in [
    ('MASS_KG', 'true'),
    ('KEPT_IN_USE_KG', 'mass.is_kept_in_use'),
    ('WASTE_KG', 'mass.is_waste'),
    ('WASTE_DIVERTED_KG', 'mass.is_diverted'),
    ('WASTE_DISPOSED_KG', 'mass.is_waste and not mass.is_diverted'),
    ('PREVENTED_KG', 'mass.is_kept_in_use and not mass.is_waste'),
    ('US_DIVERTED_KG', '(mass.is_diverted or ' ~ donated ~ ')'),
    ('US_TOTAL_KG', '(mass.is_waste or ' ~ donated ~ ')'),
    ('LANDFILL_AVOIDED_KG', "mass.is_waste and mass.mass_class <> 'DISPOSED'"),
    ('ALL_DISCARDS_KG', '(mass.is_waste or ' ~ donated ~ ' or ' ~ passed_on ~ ')'),
    ('HIERARCHY_KG', 'mass.hierarchy_weight is not null'),
] -%}
{{ measure(code, 'mass', closed, 'mass.mass_kg', 'mass.mass_class', where) }}
union all
{% endfor -%}
{{ measure('HIERARCHY_POINTS', 'mass', closed, 'mass.mass_kg * mass.hierarchy_weight', 'mass.mass_class',
    'mass.hierarchy_weight is not null') }}
union all
{{ measure('CERTIFICATE_REQUIRED', 'regulated', closed, component='regulated.regulation_class') }}
union all
{{ measure('CERTIFICATE_HELD', 'regulated', closed, component='regulated.regulation_class',
    where='regulated.is_certified') }}
