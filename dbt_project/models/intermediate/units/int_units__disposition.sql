-- The final disposition of a unit: the latest final decision told by a native record, else what the marketplace's
-- status says. More than one final decision is a finding (quality_finding).
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'stg_backhaul__dispositions': units_of_documents('backhaul__dispositions'),
        'int_units__record': units_of_links('backhaul__dispositions'),
        'int_units__return_record': units_of_returns(),
    },
}}) }}
with native as (
    select
        named.unit_key,
        disposition.disposition_code,
        disposition.decided_at,
        disposition.executed_at,
        disposition.resale_channel,
        disposition.lot_id,
        count(*) over (partition by named.unit_key) as final_decision_count,
        {{ lineage_columns('disposition') }}
    from {{ near(ref('stg_backhaul__dispositions'), documents_of_units('backhaul__dispositions')) }} as disposition
    {{ join_unit('disposition', 'backhaul__dispositions', 'inner') }}
    where disposition.is_current and disposition.is_final
    qualify row_number() over (
        partition by named.unit_key
        order by disposition.decided_at desc, disposition.record_key
    ) = 1
),

marketplace as (
    select
        identity.unit_key,
        record.fba_disposition_code as disposition_code,
        record.received_at as decided_at,
        record.received_at as executed_at,
        cast(null as string) as resale_channel,
        cast(null as string) as lot_id,
        1 as final_decision_count,
        {{ lineage_columns('record') }}
    from {{ near(ref('int_units__return_record'), returns_of_units()) }} as record
    inner join {{ near(ref('int_units__identity')) }} as identity on identity.evidence = record.unit_evidence
    where record.fba_disposition_code is not null
    qualify row_number() over (
        partition by identity.unit_key
        order by record.observed_at desc, record.unit_record_key
    ) = 1
)

select * from native
union all
select marketplace.*
from marketplace
left join native on native.unit_key = marketplace.unit_key
where native.unit_key is null
