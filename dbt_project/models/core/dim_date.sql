{%- set start = var('fiscal_year_start_month') %}
select
    days.day as date_day,
    year(days.day) as year_number,
    quarter(days.day) as quarter_number,
    month(days.day) as month_number,
    cast(date_trunc('month', days.day) as date) as month_start,
    cast(date_trunc('week', days.day) as date) as week_start,
    cast({{ fiscal_year('days.day', start) }} as bigint) as fiscal_year_number,
    cast({{ fiscal_quarter('days.day', start) }} as bigint) as fiscal_quarter_number,
    cast({{ fiscal_months_gone('days.day', start) }} + 1 as bigint) as fiscal_month_number
from {{ days_between("cast('2010-01-01' as date)", "cast('2035-12-31' as date)") }}
