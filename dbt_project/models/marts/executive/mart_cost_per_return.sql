with units as (
    select
        received_month,
        channel,
        count(*) as units_received
    from {{ ref('fct_return_unit') }}
    where received_month is not null
    group by received_month, channel
),

costs as (
    select
        cast(date_trunc('month', measured_on) as date) as period_month,
        channel,
        component as category_code,
        sum(amount) as cost_reporting
    from {{ ref('fct_measure_cost') }}
    where measure_code = 'COST_OF_RECEIVED'
    group by cast(date_trunc('month', measured_on) as date), channel, component
)

select
    costs.period_month,
    costs.channel,
    costs.category_code,
    category.component as cost_component,
    category.is_planned,
    cast(costs.cost_reporting as decimal(38, 4)) as cost_reporting,
    units.units_received,
    cast(costs.cost_reporting / units.units_received as decimal(18, 6)) as cost_per_return
from costs
inner join units on units.received_month = costs.period_month and units.channel = costs.channel
inner join {{ ref('dim_cost_category') }} as category on category.category_code = costs.category_code
