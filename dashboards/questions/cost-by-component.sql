-- title_en: What a return cost each month, by component
-- title_fr: Ce qu’un retour a coûté chaque mois, par composante
-- chart: area period_month cost_per_return component
with units as (
    select
        period_month,
        channel,
        max(units_received) as unit_count
    from marts.mart_cost_per_return
    group by all
),

received as (
    select
        period_month,
        sum(unit_count) as unit_count
    from units
    group by all
)

select
    cost.period_month,
    category.component_en as component,
    sum(cost.cost_reporting) as cost_reporting,
    max(received.unit_count) as units_received,
    round(sum(cost.cost_reporting) / max(received.unit_count), 2) as cost_per_return
from marts.mart_cost_per_return as cost
inner join core.dim_cost_category as category on category.category_code = cost.category_code
inner join received on received.period_month = cost.period_month
group by all
order by cost.period_month, component
