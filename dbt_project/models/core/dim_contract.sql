-- Leases, rentals and consignments that returns name, by the day on which their end was told; what was told first reaches
-- back.
{{ config(materialized='touched', meta={'touched': {
    'key': 'contract_id',
    'by': {},
}}) }}
with told as (
    select
        contract_id,
        contract_end_date,
        cast(observed_at as date) as told_date,
        source_id,
        file_sha256,
        source_row
    from {{ near(ref('stg_backhaul__returns')) }}
    where contract_id is not null and contract_end_date is not null and not is_withdrawn
    qualify row_number() over (
        partition by contract_id, cast(observed_at as date)
        order by observed_at desc, record_key, content_hash
    ) = 1
),

changes as (
    select *
    from told
    qualify
        contract_end_date
        is distinct from lag(contract_end_date) over (partition by contract_id order by told_date)
)

select
    contract_id,
    {{ effective_dates('contract_id', clock='told_date') }},
    contract_end_date,
    source_id,
    file_sha256,
    source_row
from changes
