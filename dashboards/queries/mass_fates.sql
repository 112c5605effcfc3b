-- One row per category and mass class: kilograms of the units closed in the months shown, with the filters applied.
select
    coalesce(cells.product_category, 'UNKNOWN') as product_category,
    cells.component as mass_class,
    max(case when $language = 'fr' then class.label_fr else class.label_en end) as label,
    any_value(class.is_kept_in_use) as is_kept_in_use,
    any_value(class.is_diverted) as is_diverted,
    any_value(class.sort_order) as sort_order,
    sum(cells.amount) as mass_kg
from core.fct_measure_month as cells
inner join core.dim_mass_class as class on class.mass_class = cells.component
where
    cells.measure_code = 'MASS_KG'
    and cells.period_month between $first and $last
    and ($channel is null or cells.channel = $channel)
    and ($product_category is null or cells.product_category = $product_category)
    and ($node_id is null or cells.node_id = $node_id)
    and ($carrier is null or cells.carrier = $carrier)
    and ($return_type is null or cells.return_type = $return_type)
group by coalesce(cells.product_category, 'UNKNOWN'), cells.component
order by sort_order, product_category
