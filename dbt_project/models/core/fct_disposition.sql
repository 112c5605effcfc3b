-- Every decision on a unit: those of native records, and what a marketplace's status says.
with decisions as (
    select
        'backhaul__dispositions' as source_table,
        disposition.record_key,
        disposition.disposition_id,
        named.unit_key,
        disposition.disposition_code,
        disposition.is_final,
        disposition.decided_at,
        disposition.executed_at,
        disposition.node_id,
        disposition.resale_channel,
        disposition.lot_id,
        disposition.expected_recovery_amount,
        disposition.currency,
        disposition.rule_version,
        {{ lineage_columns('disposition') }}
    from {{ ref('stg_backhaul__dispositions') }} as disposition
    {{ join_unit('disposition', 'backhaul__dispositions') }}
    where disposition.is_current
    union all
    select
        record.source_table,
        record.unit_record_key as record_key,
        cast(null as string) as disposition_id,
        identity.unit_key,
        record.fba_disposition_code as disposition_code,
        true as is_final,
        record.received_at as decided_at,
        record.received_at as executed_at,
        record.node_id,
        cast(null as string) as resale_channel,
        cast(null as string) as lot_id,
        cast(null as decimal(18, 4)) as expected_recovery_amount,
        cast(null as string) as currency,
        cast(null as string) as rule_version,
        {{ lineage_columns('record') }}
    from {{ ref('int_units__return_record') }} as record
    inner join {{ ref('int_units__identity') }} as identity on identity.evidence = record.unit_evidence
    where record.fba_disposition_code is not null
)

select
    md5(decisions.source_table || '|' || decisions.record_key) as disposition_key,
    decisions.disposition_id,
    decisions.unit_key,
    decisions.disposition_code,
    decisions.is_final,
    -- the one that stands for the unit in fct_return_unit
    standing.unit_key is not null as is_standing,
    decisions.decided_at,
    decisions.executed_at,
    decisions.node_id,
    decisions.resale_channel,
    decisions.lot_id,
    decisions.expected_recovery_amount,
    decisions.currency,
    {{ reporting_amount('decisions.expected_recovery_amount', 'decisions.currency') }} as expected_recovery_reporting,
    decisions.rule_version,
    decisions.source_table,
    {{ lineage_columns('decisions') }}
from decisions
left join {{ ref('int_units__disposition') }} as standing
    on
        standing.unit_key = decisions.unit_key
        and standing.source_id = decisions.source_id
        and standing.file_sha256 = decisions.file_sha256
        and standing.source_row = decisions.source_row
{{ join_fx('decisions.currency', 'decisions.decided_at') }}
