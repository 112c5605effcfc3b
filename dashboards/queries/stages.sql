-- One row per step of a return, with site and category applied: what ended in the months shown, and what waits today.
select
    cycle.stage_code,
    stage.kpi_id,
    max(case when $language = 'fr' then stage.label_fr else stage.label_en end) as label,
    stage.target_days,
    sum(cycle.closed_count) filter (where cycle.period_month between $first and $last) as closed_count,
    sum(cycle.within_target_count) filter (where cycle.period_month between $first and $last) as within_target_count,
    sum(cycle.open_count) as open_count,
    sum(cycle.open_late_count) as open_late_count
from marts.mart_cycle_time as cycle
inner join core.dim_stage as stage on stage.stage_code = cycle.stage_code
where
    ($node_id is null or cycle.node_id = $node_id)
    and ($product_category is null or cycle.product_category = $product_category)
group by cycle.stage_code, stage.kpi_id, stage.target_days, stage.sort_order
order by stage.sort_order
