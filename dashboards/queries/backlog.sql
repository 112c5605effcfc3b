-- One row per status and age of the units open at the as-of date, with site and category applied: their value then, now,
-- and what a further week of waiting takes of it; estimates, reporting currency.
select
    backlog.unit_status,
    max(case when $language = 'fr' then status.label_fr else status.label_en end) as status_label,
    list_position(['EXPECTED', 'IN_TRANSIT', 'AT_DOCK', 'RECEIVED', 'GRADED', 'DISPOSITIONED'], backlog.unit_status)
        as status_order,
    backlog.age_bucket,
    max(case when $language = 'fr' then bucket.label_fr else bucket.label_en end) as bucket_label,
    sum(backlog.unit_count) as unit_count,
    sum(backlog.valued_count) as valued_count,
    sum(backlog.landed_cost_reporting) as landed_cost_reporting,
    sum(backlog.value_now_reporting) as value_now_reporting,
    sum(backlog.value_lost_reporting) as value_lost_reporting,
    sum(
        cast(backlog.value_now_reporting * coalesce(decay.decay_per_day, 0) * 7 as decimal(38, 4))
    ) as weekly_loss_reporting,
    sum(backlog.at_risk_count) as at_risk_count,
    sum(backlog.at_risk_kg) as at_risk_kg
from marts.mart_backlog_ageing as backlog
left join core.dim_unit_status as status on status.unit_status = backlog.unit_status
left join core.dim_age_bucket as bucket on bucket.age_bucket = backlog.age_bucket
left join core.dim_value_decay as decay on decay.product_category = upper(backlog.product_category)
where
    ($node_id is null or backlog.node_id = $node_id)
    and ($product_category is null or backlog.product_category = $product_category)
group by backlog.unit_status, backlog.age_bucket
order by status_order, backlog.age_bucket
