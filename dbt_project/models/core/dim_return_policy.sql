{{ config(materialized='touched', meta={'touched': {
    'key': 'policy_id',
    'by': 'whole',
}}) }}
with one_per_day as (
    select *
    from {{ ref('stg_backhaul__return_policies') }}
    where is_current
    -- two sources may give the same day: the later one wins, then the record key
    qualify row_number() over (
        partition by policy_id, effective_from
        order by observed_at desc, record_key
    ) = 1
)

select
    policy_id,
    {{ effective_dates('policy_id') }},
    name as policy_name,
    channel,
    category,
    country,
    return_days,
    refund_days,
    fee_amount,
    keep_it_limit_amount,
    currency,
    source_id,
    file_sha256,
    source_row
from one_per_day
