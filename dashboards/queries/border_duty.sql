-- One row per lane and customs treatment over the months of receipt shown.
select
    from_country,
    to_country,
    duty_treatment,
    sum(unit_count) as unit_count,
    sum(duty_reporting) as duty_reporting,
    sum(brokerage_reporting) as brokerage_reporting,
    sum(drawback_reporting) as drawback_reporting,
    sum(net_duty_reporting) as net_duty_reporting
from marts.mart_cross_border_duty
where period_month between $first and $last
group by from_country, to_country, duty_treatment
order by net_duty_reporting desc, from_country, to_country, duty_treatment
