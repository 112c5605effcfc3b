-- title_en: How long each step takes by month, and how many stay within their target
-- title_fr: Durée de chaque étape par mois, et part qui respecte la cible
-- chart: line period_month within_target_rate stage
select
    time.period_month,
    stage.label_en as stage,
    sum(time.closed_count) as closed_count,
    round(sum(time.within_target_count) / nullif(sum(time.closed_count), 0), 4) as within_target_rate,
    max(time.p90_days) as worst_p90_days
from marts.mart_cycle_time as time
inner join core.dim_stage as stage on stage.stage_code = time.stage_code
group by all
having sum(time.closed_count) > 0
order by time.period_month, stage
