-- Money that went back to customers and should not have: above what was paid for an order line, again for the same
-- unit, or for goods that never came. One refund can leak in several ways: kinds are not to be added up.
{{ config(materialized='touched', meta={'touched': {
    'key': 'refund_key',
    'by': {
        'fct_refund': refunds_of_orders(orders_of_refunds("{changes}")) ~ " union select refund_key from {changes}",
        'fct_return_unit': "
            select refund_key from core.fct_refund where unit_key in (select unit_key from {changes})
            union
            " ~ refunds_of_orders("select order_id from {changes}"),
        'fct_sales_line': refunds_of_orders("select order_id from {changes}"),
        'dim_as_of': "
            select refund_key
            from core.fct_refund
            where
                refunded_at >= (select min(as_of) - interval 30 day from {changes})
                and refunded_at < (select max(as_of) - interval 30 day from {changes})
        ",
        'fct_fx_rate': rows_of_rates('core.fct_refund', 'refund_key', 'refunded_at'),
    },
}}) }}
with refunds as (
    select
        refund.*,
        coalesce(named_line.sales_line_key, unit.sales_line_key) as sales_line_key,
        unit.received_at,
        unit.unit_status
    from
        {{ near(
            ref('fct_refund'),
            [
                "refund_key in ("
                ~ refunds_of_orders(orders_of_refunds("(select * from core.fct_refund where refund_key in {keys})"))
                ~ ")",
                "refund_key in {keys}",
            ]
        ) }} as refund
    left join {{ ref('fct_return_unit') }} as unit on unit.unit_key = refund.unit_key
    left join
        {{ near(
            ref('fct_sales_line'),
            "order_id in (" ~ orders_of_refunds("(select * from core.fct_refund where refund_key in {keys})") ~ ")"
        ) }} as named_line
        on named_line.order_id = refund.order_id and named_line.order_line = refund.order_line
    -- two sources may tell the same order line
    qualify row_number() over (partition by refund.refund_key order by named_line.sales_line_key) = 1
),

-- what an order line, or the cheapest of an order, was sold for, of refunds that name it and no unit
named_order as (
    select
        refunds.refund_key,
        min(sale.currency) as currency,
        min(sale.net_amount / sale.quantity) as unit_price
    from refunds
    inner join
        {{ near(
            ref('fct_sales_line'),
            "order_id in (" ~ orders_of_refunds("(select * from core.fct_refund where refund_key in {keys})") ~ ")"
        ) }} as sale
        on
            sale.order_id = refunds.order_id
            and coalesce(refunds.order_line, sale.order_line, '') = coalesce(sale.order_line, '')
    where refunds.unit_key is null and sale.shipped_at is not null
    group by refunds.refund_key
),

-- order lines of which something came back or was left to the customer
arrived as (
    select distinct
        order_id,
        order_line
    from
        {{ near(
            ref('fct_return_unit'),
            "order_id in (" ~ orders_of_refunds("(select * from core.fct_refund where refund_key in {keys})") ~ ")"
        ) }}
    where order_id is not null and (received_at is not null or unit_status = 'KEPT_BY_CUSTOMER')
),

-- all refunds of an order line up to its last, in one currency; in the reporting currency where they differ
lines as (
    select
        refunds.sales_line_key,
        max(refunds.refunded_at) as last_refunded_at,
        sum(refunds.amount) as refunded_amount,
        sum(refunds.amount_reporting) as refunded_reporting,
        count(refunds.amount_reporting) = count(*) as is_priced,
        min(refunds.currency) = max(refunds.currency) and min(refunds.currency) = min(sale.currency) as is_one_currency,
        min(sale.currency) as currency,
        min(sale.net_amount + coalesce(sale.tax_amount, 0) + coalesce(sale.shipping_amount, 0)) as paid_amount,
        min(sale.paid_amount_reporting) as paid_reporting
    from refunds
    inner join
        {{ near(
            ref('fct_sales_line'),
            "order_id in (" ~ orders_of_refunds("(select * from core.fct_refund where refund_key in {keys})") ~ ")"
        ) }} as sale on sale.sales_line_key = refunds.sales_line_key
    group by refunds.sales_line_key
),

overpaid as (
    select
        sales_line_key,
        last_refunded_at,
        case
            when is_one_currency then refunded_amount - paid_amount
            else refunded_reporting - paid_reporting
        end as amount,
        case
            when is_one_currency then currency
            else '{{ env_var("BACKHAUL_REPORTING_CURRENCY", "CAD") }}'
        end as currency
    from lines
    where is_one_currency or is_priced
),

leaks as (
    select
        'over_refund' as rule_id,
        refunds.*,
        overpaid.amount as leaked_amount,
        overpaid.currency as leaked_currency
    from overpaid
    inner join refunds
        on refunds.sales_line_key = overpaid.sales_line_key and refunds.refunded_at = overpaid.last_refunded_at
    where overpaid.amount > 0
    qualify row_number() over (partition by refunds.sales_line_key order by refunds.refund_key) = 1
    union all
    select
        'double_refund' as rule_id,
        refunds.*,
        refunds.amount as leaked_amount,
        refunds.currency as leaked_currency
    from refunds
    where refunds.unit_key is not null and refunds.refund_number > 1 and refunds.amount > 0
    union all
    select
        'refund_without_goods' as rule_id,
        refunds.*,
        refunds.amount as leaked_amount,
        refunds.currency as leaked_currency
    from refunds
    cross join {{ ref('dim_as_of') }} as as_of
    left join named_order on named_order.refund_key = refunds.refund_key
    where
        (
            refunds.unit_key is not null
            and refunds.received_at is null
            and refunds.unit_status <> 'KEPT_BY_CUSTOMER'
            -- one that names no unit and gives back the price of one, to the cent: less than that is an allowance
            or refunds.currency = named_order.currency
            and refunds.amount >= named_order.unit_price - 0.01
            and not exists (
                select 1
                from arrived
                where
                    arrived.order_id = refunds.order_id
                    and (
                        arrived.order_line is null
                        or coalesce(refunds.order_line, arrived.order_line) = arrived.order_line
                    )
            )
        )
        and refunds.exception_code is null
        and refunds.amount > 0
        and refunds.refunded_at < as_of.as_of - interval 30 day
)

select
    {{ surrogate_key(['leaks.rule_id', 'leaks.refund_key']) }} as refund_leak_key,
    leaks.rule_id,
    leaks.refund_key,
    leaks.unit_key,
    leaks.sales_line_key,
    leaks.refunded_at,
    cast(leaks.leaked_amount as decimal(18, 4)) as amount,
    leaks.leaked_currency as currency,
    {{ reporting_amount('cast(leaks.leaked_amount as decimal(18, 4))', 'leaks.leaked_currency') }} as amount_reporting,
    leaks.source_table,
    {{ lineage_columns('leaks') }}
from leaks
{{ join_fx('leaks.leaked_currency', 'leaks.refunded_at') }}
