-- Return lines of every source: native RMA lines, and marketplace rows where each row is a line of its own.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'fct_fx_rate': rows_of_rates('core.fct_return_line', 'record_key', 'coalesce(received_at, requested_at)'),
    },
}}) }}
with lines as (
    select
        'backhaul__returns' as source_table,
        record_key,
        rma_id,
        rma_line,
        order_id,
        sku,
        line_class,
        return_type,
        quantity,
        case when received_at is null then 0 else coalesce(received_quantity, quantity) end as received_quantity,
        received_sku,
        net_amount,
        currency,
        coalesce(channel, 'UNKNOWN') as channel,
        requested_at,
        received_at,
        tracking_number,
        {{ lineage_columns('native') }}
    from {{ near(ref('int_units__return_line')) }} as native
    union all
    select
        'amazon_fba_returns__customer_returns' as source_table,
        record_key,
        cast(null as string) as rma_id,
        cast(null as string) as rma_line,
        order_id,
        sku,
        'GOODS' as line_class,
        'CUSTOMER_RETURN' as return_type,
        quantity,
        quantity as received_quantity,
        cast(null as string) as received_sku,
        cast(null as decimal(18, 4)) as net_amount,
        cast(null as string) as currency,
        'AMAZON_FBA' as channel,
        cast(null as timestamp) as requested_at,
        returned_at as received_at,
        cast(null as string) as tracking_number,
        {{ lineage_columns('fba') }}
    from {{ near(ref('stg_amazon_fba_returns__customer_returns')) }} as fba
    where is_current
)

select
    {{ surrogate_key(['lines.source_table', 'lines.record_key']) }} as return_line_key,
    lines.record_key,
    lines.rma_id,
    lines.rma_line,
    lines.order_id,
    lines.sku,
    lines.line_class,
    lines.return_type,
    lines.quantity,
    lines.received_quantity,
    lines.received_sku,
    lines.net_amount,
    lines.currency,
    {{ reporting_amount('lines.net_amount', 'lines.currency') }} as net_amount_reporting,
    lines.channel,
    lines.requested_at,
    lines.received_at,
    lines.tracking_number,
    lines.source_table,
    {{ lineage_columns('lines') }}
from lines
{{ join_fx('lines.currency', 'coalesce(lines.received_at, lines.requested_at)') }}
