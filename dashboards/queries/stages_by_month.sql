-- One row per step and month in which it ended for some units, with site and category applied: how many within target.
select
    cycle.stage_code,
    max(case when $language = 'fr' then stage.label_fr else stage.label_en end) as label,
    cycle.period_month,
    stage.target_days,
    sum(cycle.closed_count) as closed_count,
    sum(cycle.within_target_count) as within_target_count
from marts.mart_cycle_time as cycle
inner join core.dim_stage as stage on stage.stage_code = cycle.stage_code
where
    cycle.closed_count > 0
    and ($node_id is null or cycle.node_id = $node_id)
    and ($product_category is null or cycle.product_category = $product_category)
group by cycle.stage_code, cycle.period_month, stage.target_days, stage.sort_order
order by stage.sort_order, cycle.period_month
