{{ config(materialized='touched', meta={'touched': {
    'key': 'stock_adjustment_key',
    'by': {
        'stg_backhaul__stock_adjustments': "select record_key from {changes}",
        'fct_fx_rate': rows_of_rates('core.fct_stock_adjustment', 'stock_adjustment_key', 'adjusted_at'),
    },
}}) }}
select
    adjustment.record_key as stock_adjustment_key,
    adjustment.adjustment_id,
    adjustment.adjustment_line,
    adjustment.sku,
    adjustment.line_class,
    adjustment.quantity,
    adjustment.amount,
    adjustment.currency,
    {{ reporting_amount('adjustment.amount', 'adjustment.currency') }} as amount_reporting,
    adjustment.reason_text,
    adjustment.adjusted_at,
    adjustment.node_id,
    {{ lineage_columns('adjustment') }}
from {{ near(ref('stg_backhaul__stock_adjustments'), "record_key in {keys}") }} as adjustment
{{ join_fx('adjustment.currency', 'adjustment.adjusted_at') }}
where adjustment.is_current
