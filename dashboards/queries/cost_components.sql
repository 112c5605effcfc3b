-- One row per month of receipt and cost component; reporting currency.
select
    cost.period_month,
    cost.cost_component,
    max(case when $language = 'fr' then category.component_fr else category.component_en end) as label,
    sum(cost.cost_reporting) as cost_reporting
from marts.mart_cost_per_return as cost
inner join core.dim_cost_category as category on category.category_code = cost.category_code
group by cost.period_month, cost.cost_component
order by cost.period_month, cost.cost_component
