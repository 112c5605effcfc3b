-- What the reverse costs of the units received were billed in: what the effect of exchange rates is worked out from.
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {
        'fct_return_unit': "select received_month from {changes}",
        'fct_cost': "
            select received_month from core.fct_return_unit where unit_key in (select unit_key from {changes})
        ",
    },
}}) }}
with costs as (
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
    inner join {{ near(ref('fct_return_unit'), 'received_month in {keys}') }} as unit on unit.unit_key = cost.unit_key
    where unit.received_month is not null and cost.amount_reporting is not null
)

select
    period_month,
    currency,
    channel,
    product_category,
    node_id,
    carrier,
    return_type,
    cast(sum(amount) as decimal(38, 4)) as cost_amount,
    cast(sum(amount_reporting) as decimal(38, 4)) as cost_reporting
from costs
group by period_month, currency, channel, product_category, node_id, carrier, return_type
