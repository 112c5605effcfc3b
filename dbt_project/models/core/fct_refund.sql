select
    md5('backhaul__refunds|' || refund.record_key) as refund_key,
    identity.unit_key,
    refund.order_id,
    refund.order_line,
    refund.refunded_at,
    refund.method,
    refund.refund_amount as amount,
    refund.fee_amount,
    refund.currency,
    {{ reporting_amount('refund.refund_amount', 'refund.currency') }} as amount_reporting,
    'backhaul__refunds' as source_table,
    {{ lineage_columns('refund') }}
from {{ ref('stg_backhaul__refunds') }} as refund
left join {{ ref('int_units__identity') }} as identity on identity.evidence = refund.unit_evidence
{{ join_fx('refund.currency', 'refund.refunded_at') }}
where refund.is_current
