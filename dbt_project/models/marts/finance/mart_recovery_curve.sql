-- How fast money comes back: of the landed cost of the units received in a month, what was recovered net of reverse
-- costs by so many days after each unit's receipt. Days that a month has not reached for all its units are not mature.
with units as (
    select
        unit.unit_key,
        unit.received_month as cohort_month,
        unit.received_at,
        unit.landed_cost_reporting,
        as_of.as_of
    from {{ ref('fct_return_unit') }} as unit
    cross join {{ ref('dim_as_of') }} as as_of
    where unit.received_month is not null and unit.landed_cost_reporting is not null and not unit.is_customer_owned
),

flows as (
    select
        recovery.unit_key,
        recovery.recovered_at as flowed_at,
        recovery.amount_reporting
    from {{ ref('fct_recovery') }} as recovery
    inner join {{ ref('dim_cost_category') }} as category
        on category.category_code = recovery.category_code and category.family = 'RECOVERY'
    where recovery.unit_key is not null and recovery.amount_reporting is not null
    union all
    select
        cost.unit_key,
        cost.posted_at as flowed_at,
        -cost.amount_reporting as amount_reporting
    from {{ ref('fct_cost') }} as cost
    inner join {{ ref('dim_cost_category') }} as category
        on category.category_code = cost.category_code and category.is_in_trc and not category.is_goods_value
    where cost.unit_key is not null and cost.amount_reporting is not null
),

cohorts as (
    select
        cohort_month,
        count(*) as unit_count,
        sum(landed_cost_reporting) as landed_cost_reporting,
        max(as_of) as as_of
    from units
    group by cohort_month
),

dated as (
    select
        units.cohort_month,
        {{ whole_days('units.received_at', 'flows.flowed_at') }} as flow_day,
        sum(flows.amount_reporting) as amount_reporting
    from flows
    inner join units on units.unit_key = flows.unit_key
    group by units.cohort_month, {{ whole_days('units.received_at', 'flows.flowed_at') }}
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
        coalesce(sum(dated.amount_reporting), 0) as net_recovery_reporting
    from cohorts
    cross join days
    left join dated on dated.cohort_month = cohorts.cohort_month and dated.flow_day <= days.day_number
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
