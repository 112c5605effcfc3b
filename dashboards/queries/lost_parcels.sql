-- One row per lost parcel first scanned in the months shown, filters applied, the latest first, with its claim; no more
-- rows than are asked for.
select
    tracking_number,
    carrier,
    from_country,
    node_id,
    first_scan_at,
    last_scan_at,
    unit_count,
    quoted_reporting,
    filed_at,
    outcome,
    eligible_until,
    paid_reporting,
    count(*) over () as parcel_count,
    count(*) filter (where filed_at is null) over () as unclaimed_count
from marts.mart_lost_parcel
where
    period_month between $first and $last
    and ($channel is null or channel = $channel)
    and ($product_category is null or product_category = $product_category)
    and ($node_id is null or node_id = $node_id)
    and ($carrier is null or carrier = $carrier)
    and ($return_type is null or return_type = $return_type)
order by first_scan_at desc, tracking_number
limit $row_limit
