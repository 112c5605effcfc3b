-- Claims that could be or could have been filed and were not, with what the goods cost.
select
    claim.claim_key,
    claim.claim_id,
    claim.claim_kind,
    claim.counterparty_id,
    vendor.vendor_name,
    claim.unit_key,
    claim.tracking_number,
    claim.eligible_until,
    unit.landed_cost_reporting
from {{ ref('fct_claim') }} as claim
left join {{ ref('fct_return_unit') }} as unit on unit.unit_key = claim.unit_key
left join {{ ref('dim_vendor') }} as vendor on vendor.vendor_id = claim.counterparty_id and vendor.is_current
where claim.filed_at is null
