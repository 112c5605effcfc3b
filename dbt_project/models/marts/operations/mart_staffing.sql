-- Minutes and people by week, node and activity, and what the next four weeks need: as many units as the same week last
-- year where it is known, else the mean of the last four weeks (of fewer, where the work began since), at the minutes per
-- unit of those weeks. A full job is {{ var('fte_week_minutes') }} minutes a week, of which {{ var('practical_capacity') }} can be spent on units.
{%- set fte_minutes = var('fte_week_minutes') ~ ' * cast(' ~ var('practical_capacity') ~ ' as decimal(3, 2))' %}
with worked as (
    select
        cast(date_trunc('week', worked_date) as date) as week_start,
        node_id,
        activity,
        cast(coalesce(sum(unit_count), 0) as bigint) as unit_count,
        cast(coalesce(sum(worked_minutes), 0) as decimal(38, 4)) as worked_minutes,
        cast(sum(paid_minutes) as decimal(38, 4)) as paid_minutes,
        cast(sum(case when is_temporary then paid_minutes else 0 end) as decimal(38, 4)) as temporary_minutes,
        cast(coalesce(sum(wage_reporting), 0) as decimal(38, 4)) as wage_reporting
    from {{ ref('fct_labour') }}
    group by cast(date_trunc('week', worked_date) as date), node_id, activity
),

-- the week of the as-of date is not over: what it needs is neither counted nor foretold
last_week as (
    select {{ add_days("cast(date_trunc('week', max(horizon)) as date)", -7) }} as week_start
    from {{ source('lake', 'receipt') }}
),

begun as (
    select
        node_id,
        activity,
        min(week_start) as first_week
    from worked
    group by node_id, activity
),

recent as (
    select
        worked.node_id,
        worked.activity,
        least({{ whole_days('min(begun.first_week)', 'min(last_week.week_start)') }} + 7, 28) as day_count,
        sum(worked.unit_count) as unit_count,
        sum(worked.worked_minutes) as worked_minutes
    from worked
    inner join begun on begun.node_id = worked.node_id and begun.activity = worked.activity
    cross join last_week
    where
        worked.week_start <= last_week.week_start
        and worked.week_start > {{ add_days('last_week.week_start', -28) }}
    group by worked.node_id, worked.activity
),

ahead as (
    select
        {{ add_days('last_week.week_start', 'weeks.week_number * 7') }} as week_start,
        recent.node_id,
        recent.activity,
        recent.day_count,
        recent.unit_count,
        recent.worked_minutes
    from recent
    cross join last_week
    cross join (values (2), (3), (4), (5)) as weeks (week_number)
    where recent.unit_count > 0
),

forecast as (
    select
        ahead.week_start,
        ahead.node_id,
        ahead.activity,
        case when year_ago.unit_count is null then 'LAST_FOUR_WEEKS' else 'SAME_WEEK_LAST_YEAR' end as forecast_basis,
        cast(
            coalesce(
                year_ago.unit_count,
                round(cast(ahead.unit_count * 7 as decimal(18, 4)) / ahead.day_count, 0)
            ) as bigint
        ) as unit_count,
        ahead.unit_count as recent_count,
        ahead.worked_minutes as recent_minutes
    from ahead
    left join worked as year_ago
        on
            year_ago.week_start = {{ add_days('ahead.week_start', -364) }}
            and year_ago.node_id = ahead.node_id
            and year_ago.activity = ahead.activity
),

weeks as (
    select
        week_start,
        node_id,
        activity,
        false as is_forecast,
        'WORKED' as forecast_basis,
        unit_count,
        worked_minutes,
        paid_minutes,
        temporary_minutes,
        wage_reporting
    from worked
    union all
    select
        week_start,
        node_id,
        activity,
        true as is_forecast,
        forecast_basis,
        unit_count,
        cast(round(cast(unit_count as double) * recent_minutes / recent_count, 4) as decimal(38, 4)) as worked_minutes,
        cast(null as decimal(38, 4)) as paid_minutes,
        cast(null as decimal(38, 4)) as temporary_minutes,
        cast(null as decimal(38, 4)) as wage_reporting
    from forecast
)

select
    weeks.week_start,
    weeks.node_id,
    weeks.activity,
    weeks.is_forecast,
    weeks.forecast_basis,
    weeks.unit_count,
    weeks.worked_minutes,
    {{ ratio('weeks.worked_minutes', 'weeks.unit_count') }} as minutes_per_unit,
    weeks.paid_minutes,
    {{ ratio('weeks.temporary_minutes', 'weeks.paid_minutes') }} as temporary_share,
    weeks.wage_reporting,
    -- what an open week needed is known when it is over
    case
        when weeks.is_forecast or weeks.week_start <= last_week.week_start
            then {{ ratio('weeks.worked_minutes', fte_minutes) }}
    end as fte_needed
from weeks
cross join last_week
