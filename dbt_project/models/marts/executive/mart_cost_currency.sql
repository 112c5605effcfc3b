-- What the reverse costs of the units received were billed in: what the effect of exchange rates is worked out from.
-- depends_on: {{ ref('fct_measure_month') }}, {{ ref('fct_measure_cost') }}: what changed in the facts
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {
        'fct_return_unit': "select received_month from {changes}",
        'fct_cost': months_of_units(),
        'fct_measure_cost': "select measured_on from {changes} where false",
        'fct_measure_month': "select period_month from {changes} where false",
    },
}}) }}
{%- set groups = [
    'period_month', 'currency', 'channel', 'product_category', 'node_id', 'carrier', 'return_type',
] %}
{%- set billed %}
    select
        unit.received_month as period_month,
        cost.currency,
        unit.channel,
        unit.product_category,
        unit.node_id,
        unit.carrier,
        unit.return_type,
        cost.amount,
        cost.amount_reporting
    from {{ ref('fct_cost') }} as cost
    inner join {{ ref('dim_cost_category') }} as category
        on category.category_code = cost.category_code and category.is_in_trc
    inner join {{ ref('fct_return_unit') }} as unit on unit.unit_key = cost.unit_key
    where unit.received_month is not null and cost.amount_reporting is not null
{%- endset %}
with costs as (
    select
        {{ groups | join(',\n        ') }},
        amount * row_change as cost_amount,
        amount_reporting * row_change as cost_reporting
    from {{ changes_of_query(billed) }} as billed
)

select *
from
    {{ carried_on('costs', groups, {'cost_amount': 'decimal(38, 4)', 'cost_reporting': 'decimal(38, 4)'}) }} as summed
where cost_amount <> 0 or cost_reporting <> 0
