-- One row per metric and month: both sides of the ratio, so that any selection of months is a sum over a sum.
select
    kpi_id,
    period_month,
    numerator,
    denominator,
    units_in_period,
    coverage,
    as_of
from marts.mart_exec_kpi
order by kpi_id, period_month
