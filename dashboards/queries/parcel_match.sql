-- One row per combination of scanned, billed and received over the months shown, with the carrier applied.
select
    is_scanned,
    is_billed,
    is_received,
    sum(parcel_count) as parcel_count,
    sum(billed_reporting) as billed_reporting
from marts.mart_parcel_match
where
    period_month between $first and $last
    and ($carrier is null or carrier = $carrier)
group by is_scanned, is_billed, is_received
order by parcel_count desc
