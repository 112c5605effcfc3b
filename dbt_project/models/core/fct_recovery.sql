{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'int_units__record': "select record_key from {changes} where source_table = 'backhaul__recoveries'",
        'fct_fx_rate': rows_of_rates('core.fct_recovery', 'record_key', 'recovered_at'),
    },
}}) }}
with shares as (
    select
        recovery.record_key,
        coalesce(named.unit_key, share.unit_key) as unit_key,
        case
            when named.unit_key is not null then 'DIRECT'
            when share.unit_key is not null then share.allocation_method
            else 'UNALLOCATED'
        end as allocation_method,
        run.allocation_run_id,
        recovery.category_code,
        recovery.document_id,
        recovery.tracking_number,
        recovery.lot_id,
        recovery.recovered_at,
        recovery.paid_at,
        recovery.resale_channel,
        cast(coalesce(share.amount, recovery.gross_amount) as decimal(18, 4)) as amount,
        recovery.currency,
        {{ lineage_columns('recovery') }}
    from {{ near(ref('stg_backhaul__recoveries')) }} as recovery
    {{ join_unit('recovery', 'backhaul__recoveries') }}
    left join {{ near(ref('int_allocation__run')) }} as run
        on run.source_table = 'backhaul__recoveries' and run.record_key = recovery.record_key
    left join {{ near(ref('int_allocation__share')) }} as share
        on share.source_table = 'backhaul__recoveries' and share.record_key = recovery.record_key
    where recovery.is_current
)

select
    {{ surrogate_key([
        "'backhaul__recoveries'", 'shares.record_key', "coalesce(cast(shares.unit_key as string), '')",
    ]) }} as recovery_key,
    shares.record_key,
    shares.unit_key,
    shares.category_code,
    shares.allocation_method,
    shares.allocation_run_id,
    shares.document_id,
    shares.tracking_number,
    shares.lot_id,
    shares.recovered_at,
    shares.paid_at,
    shares.resale_channel,
    shares.amount,
    shares.currency,
    {{ reporting_amount('shares.amount', 'shares.currency') }} as amount_reporting,
    'backhaul__recoveries' as source_table,
    {{ lineage_columns('shares') }}
from shares
{{ join_fx('shares.currency', 'shares.recovered_at') }}
