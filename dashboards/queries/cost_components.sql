-- One row per month of receipt, cost component and whether it was planned, with the filters applied; reporting currency.
select
    cells.period_month,
    category.component as cost_component,
    max(case when $language = 'fr' then category.component_fr else category.component_en end) as label,
    category.is_planned,
    sum(cells.amount) as cost_reporting
from core.fct_measure_month as cells
inner join core.dim_cost_category as category on category.category_code = cells.component
where
    cells.measure_code = 'COST_OF_RECEIVED'
    and ($channel is null or cells.channel = $channel)
    and ($product_category is null or cells.product_category = $product_category)
    and ($node_id is null or cells.node_id = $node_id)
    and ($carrier is null or cells.carrier = $carrier)
    and ($return_type is null or cells.return_type = $return_type)
group by cells.period_month, category.component, category.is_planned
order by cells.period_month, category.component, category.is_planned
