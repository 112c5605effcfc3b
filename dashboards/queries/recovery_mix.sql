-- One row per condition grade, disposition and time waited: what goods cost landed, brought and cost on the way in the
-- months shown and in those before, with the channel applied; reporting currency.
with mix as (
    select
        grade_code,
        disposition_code,
        waited_bucket,
        landed_cost_reporting,
        recovery_reporting,
        reverse_cost_reporting,
        period_month between $first and $last as is_now,
        period_month between $before_first and $before_last as is_before
    from marts.mart_recovery_mix
    where $channel is null or channel = $channel
)

select
    grade_code,
    disposition_code,
    waited_bucket,
    coalesce(sum(landed_cost_reporting) filter (where is_now), 0) as landed,
    coalesce(sum(recovery_reporting) filter (where is_now), 0) as recovered,
    coalesce(sum(reverse_cost_reporting) filter (where is_now), 0) as cost,
    coalesce(sum(landed_cost_reporting) filter (where is_before), 0) as landed_before,
    coalesce(sum(recovery_reporting) filter (where is_before), 0) as recovered_before,
    coalesce(sum(reverse_cost_reporting) filter (where is_before), 0) as cost_before
from mix
where is_now or is_before
group by grade_code, disposition_code, waited_bucket
order by grade_code, disposition_code, waited_bucket
