-- What counts in the metrics of labour, one shift at a time; minutes.
{{ config(materialized='view') }}
{%- set blank = 'cast(null as string)' %}
with shift as (
    select
        labour.*,
        cast(null as {{ key_type() }}) as unit_key,
        {{ blank }} as channel,
        {{ blank }} as product_category,
        {{ blank }} as carrier,
        {{ blank }} as return_type,
        'backhaul__labour_shifts' as source_table
    from {{ ref('fct_labour').include(database=false) }} as labour
)

{% for code, amount, where in [
    ('LABOUR_WORKED_MINUTES', 'worked_minutes', 'shift.worked_minutes is not null'),
    ('LABOUR_UNITS', 'unit_count', 'shift.unit_count is not null and shift.worked_minutes is not null'),
    ('LABOUR_PAID_MINUTES', 'paid_minutes', 'shift.paid_minutes is not null'),
    ('LABOUR_TEMPORARY_MINUTES', 'paid_minutes', 'shift.paid_minutes is not null and shift.is_temporary'),
] -%}
{{ measure(code, 'shift', 'worked_date', 'shift.' ~ amount, 'shift.activity', where) }}
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
