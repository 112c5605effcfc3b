-- What the units that took a route brought and cost after the decision; costs before it are the same for every route.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {},
}}) }}
{%- set kinds = {
    'process': "('RPK', 'REF_LAB', 'REF_PRT', 'REMAN', 'DISP')", 'freight': "('FRT_CONS')", 'selling': "('OUT_SEL')",
    'holding': "('STO')",
} %}
with costs as (
    select
        unit_key,
        {% for name, categories in kinds.items() -%}
        sum(case when category_code in {{ categories }} then amount_reporting else 0 end) as {{ name }}_reporting
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ near(ref('fct_cost')) }}
    where unit_key is not null and amount_reporting is not null
    group by unit_key
),

credits as (
    select
        unit_key,
        sum(amount_reporting) as credit_reporting
    from {{ near(ref('fct_recovery')) }}
    where unit_key is not null and category_code = 'REC_RTV'
    group by unit_key
)

select
    unit.unit_key,
    unit.product_category,
    unit.grade_code,
    unit.disposition_code,
    unit.landed_cost_reporting,
    greatest(coalesce(unit.sale_proceeds_reporting, 0), 0) as proceeds_reporting,
    {{ whole_days('unit.received_at', 'unit.disposition_executed_at') }} as held_days,
    {{ value_decay(
        'coalesce(decay.decay_per_day, 0)',
        'greatest(coalesce(' ~ whole_days('unit.received_at', 'unit.sold_at') ~ ', 0), 0)'
    ) }} as price_left,
    coalesce(costs.process_reporting, 0) as process_reporting,
    coalesce(costs.freight_reporting, 0) as freight_reporting,
    coalesce(costs.selling_reporting, 0) as selling_reporting,
    coalesce(costs.holding_reporting, 0) as holding_reporting,
    coalesce(credits.credit_reporting, 0) as credit_reporting
from {{ near(ref('fct_return_unit')) }} as unit
inner join {{ ref('dim_route_parameter') }} as route on route.disposition_code = unit.disposition_code
left join {{ ref('dim_value_decay') }} as decay on decay.product_category = upper(unit.product_category)
left join costs on costs.unit_key = unit.unit_key
left join credits on credits.unit_key = unit.unit_key
where unit.received_at is not null and unit.disposition_executed_at is not null and unit.landed_cost_reporting > 0
