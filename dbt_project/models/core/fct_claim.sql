-- Claims for value lost, those that could have been filed and were not included. Both amounts are converted at the
-- day of filing, so that paid ÷ claimed is a share of one value.
{{ config(materialized='touched', meta={'touched': {
    'key': 'claim_key',
    'by': {
        'stg_backhaul__claims': "select record_key from {changes}",
        'int_units__record': "select record_key from {changes} where source_table = 'backhaul__claims'",
        'fct_fx_rate': rows_of_rates('core.fct_claim', 'claim_key', 'claim_date'),
    },
}}) }}
with claims as (
    select
        claim.*,
        named.unit_key,
        coalesce(cast(claim.filed_at as date), claim.eligible_until) as claim_date
    from {{ near(ref('stg_backhaul__claims'), "record_key in {keys}") }} as claim
    {{ join_unit('claim', 'backhaul__claims', where='record_key in {keys}') }}
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
