{{ config(materialized='touched', meta={'touched': {
    'key': 'rate_date',
    'by': 'whole',
}}) }}
select
    rate_date,
    from_currency,
    to_currency,
    rate,
    source_id,
    file_sha256,
    source_row
from {{ ref('stg_backhaul__fx_rates') }}
where is_current
-- two sources may give the same day: the later one wins, then the record key
qualify row_number() over (
    partition by rate_date, from_currency, to_currency
    order by observed_at desc, record_key
) = 1
