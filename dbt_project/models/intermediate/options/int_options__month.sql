-- What became known of the routes in a month, summed over the closed units of a category and grade.
{{ config(materialized='touched', meta={'touched': {
    'key': 'learned_month',
    'by': {},
}}) }}
{%- set sums = [
    'landed_cost_reporting', 'sold_cost_reporting', 'proceeds_reporting', 'undecayed_proceeds_reporting',
    'process_reporting', 'freight_reporting', 'selling_reporting', 'holding_reporting', 'credit_reporting',
] %}
select
    learned_month,
    product_category,
    grade_code,
    disposition_code,
    {% for column in sums -%}
    cast(sum({{ column }}) as decimal(38, 4)) as {{ column }},
    {% endfor -%}
    cast(sum(held_days) as bigint) as held_days,
    cast(sum(unit_count) as bigint) as unit_count,
    cast(sum(sold_count) as bigint) as sold_count
from {{ near(ref('int_options__closed')) }}
group by learned_month, product_category, grade_code, disposition_code
