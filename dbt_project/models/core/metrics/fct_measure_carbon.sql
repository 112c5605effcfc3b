-- What counts in the metrics, one mass line by material at a time; kilograms of CO2e and of the waste that factors
-- exist for. Each measure reads one boundary.
{{ config(materialized='view') }}
{%- set unit = ref('fct_return_unit').include(database=false) -%}
{%- set carbon = ref('fct_unit_carbon').include(database=false) %}
with carbon as (
    select
        carbon.unit_key,
        carbon.boundary,
        carbon.treatment_code,
        carbon.mass_kg,
        carbon.co2e_kg,
        unit.disposition_executed_at,
        {{ slice_columns('unit') }},
        carbon.source_table,
        {{ lineage_columns('carbon') }}
    from {{ carbon }} as carbon
    inner join {{ unit }} as unit on unit.unit_key = carbon.unit_key
)

{% for code, boundary, amount in [
    ('INVENTORY_CO2E_KG', 'INVENTORY', 'co2e_kg'),
    ('AVOIDED_CO2E_KG', 'AVOIDED', 'co2e_kg'),
    ('WASTE_FACTORED_INVENTORY_KG', 'INVENTORY', 'mass_kg'),
    ('WASTE_FACTORED_AVOIDED_KG', 'AVOIDED', 'mass_kg'),
] -%}
{{ measure(code, 'carbon', 'disposition_executed_at', 'carbon.' ~ amount, 'carbon.treatment_code',
    "carbon.boundary = '" ~ boundary ~ "'") }}
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
