-- Carriers and their services, as parcels and invoices name them; no source tells their rate cards.
{{ config(materialized='touched', meta={'touched': {
    'key': 'carrier',
    'by': 'whole',
}}) }}
with told as (
    select
        carrier,
        service,
        label_created_at,
        false as is_billed
    from {{ ref('fct_return_shipment') }}
    union all
    select distinct
        carrier,
        cast(null as string) as service,
        cast(null as timestamp) as label_created_at,
        true as is_billed
    from {{ ref('fct_carrier_charge') }}
),

services as (
    select
        carrier,
        coalesce(service, 'UNKNOWN') as service,
        min(label_created_at) as first_label_at,
        max(label_created_at) as last_label_at,
        max(case when is_billed then 1 else 0 end) as billed
    from told
    where carrier is not null
    group by carrier, coalesce(service, 'UNKNOWN')
)

select
    carrier,
    service,
    first_label_at,
    last_label_at,
    max(billed) over (partition by carrier) = 1 as has_invoices
from services
