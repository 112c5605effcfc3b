-- One row per duration metric, month and member of $by (ALL, or a slice of fct_kpi): median and 90th percentile, days.
select
    kpi.kpi_id,
    duration.period_month,
    duration.slice_member as member,
    duration.median_days,
    duration.p90_days
from core.fct_measure_duration as duration
inner join core.dim_kpi as kpi on kpi.numerator_measure = duration.measure_code and kpi.kind = 'DURATION'
where duration.slice_dimension = $by and ($only is null or duration.slice_member = $only)
order by kpi.kpi_id, duration.slice_member, duration.period_month
