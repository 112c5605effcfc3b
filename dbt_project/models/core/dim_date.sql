select
    days.day as date_day,
    year(days.day) as calendar_year,
    quarter(days.day) as calendar_quarter,
    month(days.day) as calendar_month,
    cast(date_trunc('month', days.day) as date) as month_start,
    cast(date_trunc('week', days.day) as date) as week_start
from {{ days_between("cast('2010-01-01' as date)", "cast('2035-12-31' as date)") }}
