-- One row per rule that binds goods disposed of in the months shown, filters applied: certificates required and held.
select
    cells.component as regulation_class,
    max(case when $language = 'fr' then regulation.label_fr else regulation.label_en end) as label,
    bool_or(regulation.is_hazardous_waste) as is_hazardous_waste,
    sum(cells.amount) filter (where cells.measure_code = 'CERTIFICATE_REQUIRED') as required_count,
    coalesce(sum(cells.amount) filter (where cells.measure_code = 'CERTIFICATE_HELD'), 0) as held_count
from core.fct_measure_month as cells
left join core.dim_regulation_class as regulation on regulation.regulation_class = cells.component
where
    cells.measure_code in ('CERTIFICATE_REQUIRED', 'CERTIFICATE_HELD')
    and cells.period_month between $first and $last
    and ($channel is null or cells.channel = $channel)
    and ($product_category is null or cells.product_category = $product_category)
    and ($node_id is null or cells.node_id = $node_id)
    and ($carrier is null or cells.carrier = $carrier)
    and ($return_type is null or cells.return_type = $return_type)
group by cells.component
order by required_count desc, cells.component
