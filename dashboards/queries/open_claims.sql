-- One row per claim that may still be filed at the as-of date, with what its unit cost, the soonest to expire first, or,
-- where $expired is true, per claim whose last day passed unfiled in the months shown, the latest first; no more rows
-- than are asked for.
select
    claim_key,
    claim_id,
    claim_kind,
    coalesce(vendor_name, counterparty_id) as counterparty,
    unit_key,
    tracking_number,
    eligible_until,
    landed_cost_reporting,
    count(*) over () as claim_count,
    sum(landed_cost_reporting) over () as total_reporting
from marts.mart_unfiled_claim
where
    case
        when $expired
            then
                eligible_until < cast($as_of as date)
                and cast(date_trunc('month', eligible_until) as date) between $first and $last
        else eligible_until >= cast($as_of as date)
    end
order by abs(date_diff('day', eligible_until, cast($as_of as date))), claim_key
limit $row_limit
