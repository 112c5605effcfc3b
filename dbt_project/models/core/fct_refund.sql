-- Who was refunded is told by the refund, else by the return, else by the order.
{{ config(materialized='touched', meta={'touched': {
    'key': 'refund_key',
    'by': {
        'stg_backhaul__refunds': "select md5('backhaul__refunds|' || record_key) from (" ~ documents_beside() ~ ") as reached",
        'int_units__record': "select md5('backhaul__refunds|' || record_key) from (" ~ documents_of_links('backhaul__refunds') ~ ") as reached",
        'int_units__unit': "select refund_key from core.fct_refund where unit_key in (select unit_key from {changes})",
        'fct_sales_line': "select refund_key from core.fct_refund where order_id in (select order_id from {changes}) union select refund_key from core.fct_refund where unit_key in (select unit_key from intermediate.int_units__unit where order_id in (select order_id from {changes}))",
        'fct_fx_rate': rows_of_rates('core.fct_refund', 'refund_key', 'refunded_at'),
    },
}}) }}
with orders as (
    select
        order_id,
        min(customer_key) as customer_key
    from {{ ref('fct_sales_line') }}
    group by order_id
)

select
    md5('backhaul__refunds|' || refund.record_key) as refund_key,
    named.unit_key,
    -- 1-based among the refunds of the unit
    cast(
        row_number() over (
            partition by coalesce(named.unit_key, refund.record_key)
            order by refund.refunded_at, refund.record_key
        ) as bigint
    ) as refund_number,
    refund.order_id,
    refund.order_line,
    coalesce(refund.customer_key, unit.customer_key, orders.customer_key) as customer_key,
    refund.refunded_at,
    upper(refund.method) as method,
    refund.exception_code,
    refund.refund_amount as amount,
    refund.fee_amount,
    refund.tax_amount,
    refund.currency,
    {{ reporting_amount('refund.refund_amount', 'refund.currency') }} as amount_reporting,
    'backhaul__refunds' as source_table,
    {{ lineage_columns('refund') }}
from {{ near(ref('stg_backhaul__refunds'), "md5('backhaul__refunds|' || record_key) in {keys}") }} as refund
{{ join_unit('refund', 'backhaul__refunds', where="md5('backhaul__refunds|' || record_key) in {keys}") }}
left join {{ ref('int_units__unit') }} as unit on unit.unit_key = named.unit_key
left join orders on orders.order_id = coalesce(refund.order_id, unit.order_id)
{{ join_fx('refund.currency', 'refund.refunded_at') }}
where refund.is_current
