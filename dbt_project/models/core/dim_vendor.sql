{{ config(materialized='touched', meta={'touched': {
    'key': 'vendor_key',
    'by': 'whole',
}}) }}
with one_per_day as (
    select *
    from {{ ref('stg_backhaul__vendor_terms') }}
    where is_current
    -- two sources may give the same day: the later one wins, then the record key
    qualify row_number() over (
        partition by vendor_id, effective_from
        order by observed_at desc, record_key
    ) = 1
)

select
    {{ surrogate_key(['vendor_id', 'cast(effective_from as string)']) }} as vendor_key,
    vendor_id,
    name as vendor_name,
    {{ effective_dates('vendor_id', first='effective_from') }},
    return_window_days,
    coalesce(credit_share, 1) as credit_share,
    -- terms that name no reasons speak of faulty goods
    coalesce(upper(replace(reason_families, ' ', '')), 'DEFECT|QUALITY') as reason_families,
    source_id,
    file_sha256,
    source_row
from one_per_day
