with sums as (
    select
        period_month,
        channel,
        measure_code,
        component as category_code,
        sum(amount) as amount
    from {{ ref('fct_measure_month') }}
    where measure_code in ('COST_OF_RECEIVED', 'UNITS_RECEIVED')
    group by period_month, channel, measure_code, component
)

select
    costs.period_month,
    costs.channel,
    costs.category_code,
    category.component as cost_component,
    category.is_planned,
    cast(costs.amount as decimal(38, 4)) as cost_reporting,
    cast(units.amount as bigint) as units_received,
    cast(costs.amount / units.amount as decimal(18, 6)) as cost_per_return
from sums as costs
inner join sums as units
    on
        units.measure_code = 'UNITS_RECEIVED'
        and units.period_month = costs.period_month
        and units.channel = costs.channel
inner join {{ ref('dim_cost_category') }} as category on category.category_code = costs.category_code
where costs.measure_code = 'COST_OF_RECEIVED'
