-- One row per week and activity, with the site applied: minutes worked or foretold, and the full-time jobs they fill.
select
    week_start,
    activity,
    is_forecast,
    sum(unit_count) as unit_count,
    sum(worked_minutes) as worked_minutes,
    sum(paid_minutes) as paid_minutes,
    sum(cast(temporary_share * paid_minutes as decimal(38, 4))) as temporary_minutes,
    sum(wage_reporting) as wage_reporting,
    sum(fte_needed) as fte_needed
from marts.mart_staffing
where $node_id is null or node_id = $node_id
group by week_start, activity, is_forecast
order by week_start, activity
