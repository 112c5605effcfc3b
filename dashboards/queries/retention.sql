-- One row per month: who ordered again after a refund, beside customers never refunded, and what customers said.
select
    period_month,
    refunded_count,
    retained_count,
    retained_rate,
    other_count,
    other_retained_count,
    other_retained_rate,
    csat_count,
    csat_mean,
    nps_count,
    net_promoter_rate,
    is_mature
from marts.mart_retention
order by period_month
