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
        contribution.period_month,
        unit.channel,
        contribution.component as category_code,
        sum(contribution.amount) as cost_reporting
    from {{ ref('mart_kpi_contribution') }} as contribution
    inner join {{ ref('fct_return_unit') }} as unit on unit.unit_key = contribution.unit_key
    where contribution.kpi_id = 'B02' and contribution.kpi_role = 'NUMERATOR'
    group by contribution.period_month, unit.channel, contribution.component
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
