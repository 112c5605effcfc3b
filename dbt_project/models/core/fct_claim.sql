-- Claims for value lost, those that could have been filed and were not included. Both amounts are converted at the
-- day of filing, so that paid ÷ claimed is a share of one value.
with claims as (
    select
        claim.*,
        named.unit_key,
        coalesce(cast(claim.filed_at as date), claim.eligible_until) as claim_date
    from {{ ref('stg_backhaul__claims') }} as claim
    {{ join_unit('claim', 'backhaul__claims') }}
    where claim.is_current
)

select
    claims.record_key as claim_key,
    claims.claim_id,
    claims.claim_kind,
    claims.counterparty_id,
    claims.unit_key,
    claims.tracking_number,
    claims.claim_date,
    claims.eligible_until,
    claims.filed_at,
    claims.settled_at,
    claims.outcome,
    claims.claimed_amount,
    claims.paid_amount,
    claims.currency,
    {{ reporting_amount('claims.claimed_amount', 'claims.currency') }} as claimed_reporting,
    {{ reporting_amount('claims.paid_amount', 'claims.currency') }} as paid_reporting,
    {{ lineage_columns('claims') }}
from claims
{{ join_fx('claims.currency', 'claims.claim_date') }}
