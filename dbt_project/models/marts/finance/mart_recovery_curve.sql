-- How fast money comes back: of the landed cost of the units received in a month, what was recovered net of reverse
-- costs by so many days after each unit's receipt. Days that a month has not reached for all its units are not mature.
with cohorts as (
    select
        cohort.cohort_month,
        cohort.unit_count,
        cohort.landed_cost_reporting,
        as_of.as_of
    from {{ ref('int_units__cohort') }} as cohort
    cross join {{ ref('dim_as_of') }} as as_of
    where cohort.day_number is null
),

days as (
    select cast(day_list.day_number as bigint) as day_number
    from (values (0), (7), (14), (30), (60), (90), (180)) as day_list (day_number)
),

points as (
    select
        cohorts.cohort_month,
        days.day_number,
        cohorts.unit_count,
        cohorts.landed_cost_reporting,
        cohorts.as_of,
        coalesce(sum(dated.net_recovery_reporting), 0) as net_recovery_reporting
    from cohorts
    cross join days
    left join {{ ref('int_units__cohort') }} as dated
        on dated.cohort_month = cohorts.cohort_month and dated.day_number <= days.day_number
    group by
        cohorts.cohort_month, days.day_number, cohorts.unit_count, cohorts.landed_cost_reporting, cohorts.as_of
)

select
    cohort_month,
    day_number,
    unit_count,
    cast(landed_cost_reporting as decimal(38, 4)) as landed_cost_reporting,
    cast(net_recovery_reporting as decimal(38, 4)) as net_recovery_reporting,
    {{ ratio('net_recovery_reporting', 'landed_cost_reporting') }} as net_recovery_rate,
    {{ add_days('last_day(cohort_month)', 'cast(day_number as integer)') }} < cast(as_of as date) as is_mature,
    as_of
from points
