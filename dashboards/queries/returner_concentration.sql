-- One row per year and group of customers: how much of the value returned comes from those who return most.
select
    year_start,
    top_share,
    customer_count,
    group_count,
    returned_reporting,
    group_reporting,
    concentration_rate
from marts.mart_returner_concentration
order by year_start desc, top_share
