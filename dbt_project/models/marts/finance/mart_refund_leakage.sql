-- Refunds that leak, each with what was paid, what was refunded and where the goods are.
select
    leak.refund_leak_key,
    leak.rule_id,
    cast(date_trunc('month', leak.refunded_at) as date) as period_month,
    leak.refunded_at,
    refund.method,
    refund.exception_code,
    refund.amount as refunded_amount,
    refund.currency as refund_currency,
    leak.amount as leaked_amount,
    leak.currency as leaked_currency,
    leak.amount_reporting as leaked_reporting,
    sale.order_id,
    sale.order_line,
    sale.paid_amount_reporting,
    leak.unit_key,
    unit.unit_status,
    unit.received_at,
    unit.channel,
    unit.product_category,
    leak.source_table,
    {{ lineage_columns('leak') }}
from {{ ref('fct_refund_leak') }} as leak
inner join {{ ref('fct_refund') }} as refund on refund.refund_key = leak.refund_key
left join {{ ref('fct_sales_line') }} as sale on sale.sales_line_key = leak.sales_line_key
left join {{ ref('fct_return_unit') }} as unit on unit.unit_key = leak.unit_key
