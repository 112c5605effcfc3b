-- What the best route of each unit was expected to bring, beside what taking the unit back had cost.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {},
}}) }}
{%- set inbound = "('FRT_RTN', 'FRT_ADJ', 'RCV', 'INSP', 'DUTY_IN', 'BRK')" %}
with inbound as (
    select
        unit_key,
        sum(amount_reporting) as inbound_reporting
    from {{ near(ref('fct_cost')) }}
    where unit_key is not null and amount_reporting is not null and category_code in {{ inbound }}
    group by unit_key
)

select
    best.unit_key,
    best.sku,
    best.product_category,
    cast(best.proceeds_reporting + best.credit_reporting as decimal(18, 4)) as value_reporting,
    cast(best.process_reporting + best.freight_reporting + best.holding_reporting as decimal(18, 4))
        as route_cost_reporting,
    cast(coalesce(inbound.inbound_reporting, 0) as decimal(18, 4)) as inbound_reporting,
    unit.unit_price_reporting,
    unit.regulation_class,
    coalesce(unit.return_type = 'RECALL' or unit.grade_code in ('R', 'H'), false) as is_recalled
from {{ near(ref('int_options__unit_route')) }} as best
inner join {{ near(ref('fct_return_unit')) }} as unit on unit.unit_key = best.unit_key
left join inbound on inbound.unit_key = best.unit_key
where best.route_rank = 1 and unit.unit_price_reporting > 0
