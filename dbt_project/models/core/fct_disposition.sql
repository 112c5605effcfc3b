-- Every decision on a unit: those of native records, and what a marketplace's status says.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'int_units__record': "select record_key from {changes} where source_table = 'backhaul__dispositions'",
        'int_units__return_record': "select unit_record_key from {changes}",
        'int_units__identity': "
            select unit_record_key
            from intermediate.int_units__return_record
            where unit_evidence in (select evidence from {changes})
        ",
        'int_units__disposition': "
            select record_key
            from core.fct_disposition
            where unit_key in (select unit_key from {changes})
        ",
        'fct_fx_rate': rows_of_rates('core.fct_disposition', 'record_key', 'decided_at'),
    },
}}) }}
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
    from {{ near(ref('stg_backhaul__dispositions')) }} as disposition
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
    from {{ near(ref('int_units__return_record'), "unit_record_key in {keys}") }} as record
    inner join {{ ref('int_units__identity') }} as identity on identity.evidence = record.unit_evidence
    where record.fba_disposition_code is not null
)

select
    {{ surrogate_key(['decisions.source_table', 'decisions.record_key']) }} as disposition_key,
    decisions.record_key,
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
