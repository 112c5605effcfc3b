-- What counts in the metrics of disposition choice, one closed unit at a time; reporting currency.
{{ config(materialized='view') }}
{%- set unit = ref('fct_return_unit').include(database=false) -%}
{%- set regret = ref('fct_unit_regret').include(database=false) %}
with regret as (
    select
        regret.unit_key,
        regret.disposition_code,
        regret.regret_reporting,
        unit.disposition_executed_at,
        {{ slice_columns('unit') }},
        unit.source_table,
        {{ lineage_columns('unit') }}
    from {{ regret }} as regret
    inner join {{ unit }} as unit on unit.unit_key = regret.unit_key
)

{{ measure('UNITS_CLOSED_COMPARED', 'regret', 'disposition_executed_at') }}
union all
{{ measure('REGRET_OF_CLOSED', 'regret', 'disposition_executed_at', 'regret.regret_reporting',
    'regret.disposition_code') }}
