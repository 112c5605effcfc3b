-- Who was refunded is told by the refund, else by the return, else by the order.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'stg_backhaul__refunds': documents_beside('backhaul__refunds'),
        'int_units__record': documents_of_links('backhaul__refunds'),
        'int_units__unit': "select record_key from core.fct_refund where unit_key in (select unit_key from {changes})",
        'fct_sales_line': "
            select record_key from core.fct_refund where order_id in (select order_id from {changes})
            union
            select record_key
            from core.fct_refund
            where unit_key in (
                select unit_key
                from intermediate.int_units__unit
                where order_id in (select order_id from {changes})
            )
        ",
        'fct_fx_rate': rows_of_rates('core.fct_refund', 'record_key', 'refunded_at'),
        'dim_as_of': "
            select record_key
            from core.fct_refund
            where
                refunded_at >= (select min(as_of) - interval 30 day from {changes})
                and refunded_at < (select max(as_of) - interval 30 day from {changes})
        ",
    },
}}) }}
with orders as (
    select
        order_id,
        min(customer_key) as customer_key
    from {{ near(ref('fct_sales_line'), "
            order_id in (
                select order_id from staging.stg_backhaul__refunds where record_key in {keys}
                union all
                select order_id
                from intermediate.int_units__unit
                where unit_key in (
                    select unit_key from " ~ documents_of('backhaul__refunds') ~ " where record_key in {keys}
                )
            )
        ") }}
    group by order_id
)

select
    {{ surrogate_key(["'backhaul__refunds'", 'refund.record_key']) }} as refund_key,
    refund.record_key,
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
    refund.exception_code is null
    and refund.refund_amount > 0
    and refund.refunded_at < as_of.as_of - interval 30 day as is_goods_due,
    named.unit_key is not null or orders.order_id is not null as is_goods_known,
    'backhaul__refunds' as source_table,
    {{ lineage_columns('refund') }}
from {{ near(ref('stg_backhaul__refunds'), documents_and_beside('backhaul__refunds')) }} as refund
cross join {{ ref('dim_as_of') }} as as_of
{{ join_unit('refund', 'backhaul__refunds', where=documents_and_beside('backhaul__refunds')) }}
left join
    {{ near(
        ref('int_units__unit'),
        "unit_key in (select unit_key from " ~ documents_of('backhaul__refunds') ~ " where record_key in {keys})"
    ) }} as unit on unit.unit_key = named.unit_key
left join orders on orders.order_id = coalesce(refund.order_id, unit.order_id)
{{ join_fx('refund.currency', 'refund.refunded_at') }}
where refund.is_current
