-- One row per vendor over the months of receipt shown: what its terms promise, what it credited, what is missing.
select
    vendor_id,
    max(vendor_name) as vendor_name,
    sum(eligible_count) as eligible_count,
    sum(landed_cost_reporting) as landed_cost_reporting,
    sum(owed_reporting) as owed_reporting,
    sum(credited_reporting) as credited_reporting,
    sum(missing_reporting) as missing_reporting,
    sum(window_missed_count) as window_missed_count,
    sum(window_missed_reporting) as window_missed_reporting
from marts.mart_vendor_recovery
where period_month between $first and $last
group by vendor_id
order by missing_reporting desc, vendor_id
