-- One row per cohort of receipt among the months shown and day since receipt: net recovery so far on landed cost.
select
    cohort_month,
    day_number,
    unit_count,
    landed_cost_reporting,
    net_recovery_reporting,
    net_recovery_rate,
    is_mature
from marts.mart_recovery_curve
where cohort_month between $first and $last
order by cohort_month, day_number
