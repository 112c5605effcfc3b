select
    md5('backhaul__recoveries|' || recovery.record_key) as recovery_key,
    identity.unit_key,
    recovery.category_code,
    recovery.document_id,
    recovery.recovered_at,
    recovery.resale_channel,
    recovery.gross_amount as amount,
    recovery.currency,
    {{ reporting_amount('recovery.gross_amount', 'recovery.currency') }} as amount_reporting,
    'backhaul__recoveries' as source_table,
    {{ lineage_columns('recovery') }}
from {{ ref('stg_backhaul__recoveries') }} as recovery
left join {{ ref('int_units__identity') }} as identity on identity.evidence = recovery.unit_evidence
{{ join_fx('recovery.currency', 'recovery.recovered_at') }}
where recovery.is_current
