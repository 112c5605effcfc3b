-- One row per step, site and category in which units wait longer than they should at the as-of date, the most first.
select
    cycle.stage_code,
    case when $language = 'fr' then stage.label_fr else stage.label_en end as label,
    stage.target_days,
    cycle.node_id,
    cycle.product_category,
    cycle.open_count,
    cycle.open_late_count,
    cycle.open_median_days
from marts.mart_cycle_time as cycle
inner join core.dim_stage as stage on stage.stage_code = cycle.stage_code
where
    cycle.open_late_count > 0
    and ($node_id is null or cycle.node_id = $node_id)
    and ($product_category is null or cycle.product_category = $product_category)
order by cycle.open_late_count desc, cycle.open_median_days desc, stage.sort_order, cycle.node_id, cycle.product_category
