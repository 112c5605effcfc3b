-- What counts in return rates, mixes and refunds: order lines, orders, return lines, units and refunds.
{{ config(materialized='view') }}
{%- set unit_fact = ref('fct_return_unit').include(database=false) -%}
{%- set sales_fact = ref('fct_sales_line').include(database=false) -%}
{%- set product = ref('dim_product').include(database=false) -%}
{%- set blank = 'cast(null as string)' %}
with unit as (
    select
        unit.*,
        reason.reason_family,
        as_of.as_of
    from {{ unit_fact }} as unit
    cross join {{ ref('dim_as_of').include(database=false) }} as as_of
    left join {{ ref('dim_return_reason').include(database=false) }} as reason on reason.reason_code = unit.reason_code
),

-- sold is sliced by what is known at the sale, and so is what came back of it
sale as (
    select
        sale.sales_line_key,
        sale.order_id,
        sale.order_line,
        sale.sku,
        sale.shipped_at,
        sale.delivered_at,
        sale.quantity,
        sale.net_amount_reporting,
        product.style_id,
        cast(null as {{ key_type() }}) as unit_key,
        sale.channel,
        product.category as product_category,
        {{ blank }} as node_id,
        {{ blank }} as carrier,
        {{ blank }} as return_type,
        'backhaul__sales_lines' as source_table,
        {{ lineage_columns('sale') }}
    from {{ sales_fact }} as sale
    left join {{ product }} as product
        on
            product.sku = sale.sku
            and product.valid_from <= cast(sale.ordered_at as date)
            and cast(sale.ordered_at as date) < product.valid_to
),

returned as (
    select
        unit.unit_key,
        unit.return_type as component,
        unit.received_at,
        unit.requested_at,
        unit.unit_status,
        unit.unit_price_reporting,
        unit.return_type = 'UNDELIVERABLE' or coalesce(unit.reason_family = 'DELIVERY', false) as is_undeliverable,
        unit.received_at is not null or unit.unit_status = 'KEPT_BY_CUSTOMER' as is_back_or_kept,
        sale.order_id,
        sale.style_id,
        sale.shipped_at,
        sale.delivered_at,
        {{ slice_columns('sale') }},
        unit.source_table,
        {{ lineage_columns('unit') }}
    from unit
    inner join sale on sale.sales_line_key = unit.sales_line_key
),

returned_orders as (
    select
        order_id,
        max(case when is_back_or_kept and not is_undeliverable then 1 else 0 end) = 1 as has_return
    from returned
    group by order_id
),

-- two or more SKUs of one style in one order, of which a unit came back
brackets as (
    select distinct sale.order_id
    from sale
    where
        sale.style_id is not null
        and sale.shipped_at is not null
        and exists (
            select 1
            from sale as other
            where
                other.order_id = sale.order_id
                and other.style_id = sale.style_id
                and other.sku <> sale.sku
                and other.shipped_at is not null
        )
        and exists (
            select 1
            from returned
            where
                returned.order_id = sale.order_id
                and returned.style_id = sale.style_id
                and returned.received_at is not null
        )
),

-- an order is dated and sliced by the line of it that was shipped first
shipped_order as (
    select
        sale.*,
        coalesce(returned_orders.has_return, false) as has_return,
        brackets.order_id is not null as is_bracketed
    from sale
    left join returned_orders on returned_orders.order_id = sale.order_id
    left join brackets on brackets.order_id = sale.order_id
    where sale.shipped_at is not null
    qualify row_number() over (
        partition by sale.order_id
        order by sale.shipped_at, sale.order_line nulls last, sale.sales_line_key
    ) = 1
),

-- an authorisation counts once, at the first unit of it that came
received_rma as (
    select *
    from unit
    where rma_id is not null and authorised_at is not null and received_at is not null
    qualify row_number() over (partition by rma_id order by received_at, unit_key) = 1
),

return_line as (
    select
        line.quantity,
        abs(line.received_quantity - line.quantity)
        + case when line.received_sku <> line.sku then least(line.received_quantity, line.quantity) else 0 end
            as discrepant_quantity,
        line.received_at,
        cast(null as {{ key_type() }}) as unit_key,
        line.channel,
        product.category as product_category,
        {{ blank }} as node_id,
        {{ blank }} as carrier,
        line.return_type,
        line.source_table,
        {{ lineage_columns('line') }}
    from {{ ref('fct_return_line').include(database=false) }} as line
    left join {{ product }} as product
        on
            product.sku = line.sku
            and product.valid_from <= cast(line.received_at as date)
            and cast(line.received_at as date) < product.valid_to
    where line.line_class = 'GOODS' and line.rma_id is not null
),

refund as (
    select
        refund.unit_key,
        refund.refund_number,
        refund.refunded_at,
        refund.method,
        refund.amount_reporting,
        unit.disposition_code,
        {{ slice_columns('unit') }},
        refund.source_table,
        {{ lineage_columns('refund') }}
    from {{ ref('fct_refund').include(database=false) }} as refund
    left join unit on unit.unit_key = refund.unit_key
),

inspection as (
    select
        unit.unit_key,
        unit.inspected_at,
        unit.test_result,
        unit.reason_family,
        {{ slice_columns('unit') }},
        'backhaul__inspections' as source_table,
        {{ lineage_columns('inspection') }}
    from unit
    inner join {{ ref('fct_inspection').include(database=false) }} as inspection
        on inspection.unit_key = unit.unit_key and inspection.inspection_number = 1
)

{%- set back = 'returned.is_back_or_kept' -%}
{%- set aged = 'unit.authorised_at <= unit.as_of - interval 28 day' -%}
{%- set tested = "inspection.reason_family = 'DEFECT' and inspection.test_result is not null" -%}
{%- set first_refund = 'refund.unit_key is not null and refund.refund_number = 1' -%}
{%- set branches = [
    ('UNITS_SHIPPED', 'sale', 'shipped_at', 'sale.quantity', blank, 'true'),
    ('UNITS_DELIVERABLE', 'sale', 'shipped_at', 'sale.quantity', blank, 'true'),
    ('UNITS_DELIVERABLE', 'returned', 'shipped_at', '-1', 'returned.component',
        'returned.is_undeliverable and returned.received_at is not null'),
    ('UNITS_RETURNED_OF_SHIPPED', 'returned', 'shipped_at', '1', 'returned.component',
        back ~ ' and not returned.is_undeliverable'),
    ('VALUE_SHIPPED', 'sale', 'shipped_at', 'sale.net_amount_reporting', blank, 'sale.net_amount_reporting is not null'),
    ('VALUE_RETURNED_OF_SHIPPED', 'returned', 'shipped_at', 'returned.unit_price_reporting', 'returned.component',
        back ~ ' and returned.unit_price_reporting is not null'),
    ('ORDERS_SHIPPED', 'shipped_order', 'shipped_at', '1', blank, 'true'),
    ('ORDERS_WITH_RETURN', 'shipped_order', 'shipped_at', '1', blank, 'shipped_order.has_return'),
    ('ORDERS_BRACKETED', 'shipped_order', 'shipped_at', '1', blank, 'shipped_order.is_bracketed'),
    ('UNITS_DELIVERED', 'sale', 'delivered_at', 'sale.quantity', blank, 'true'),
    ('UNITS_BACK_OF_DELIVERED', 'returned', 'delivered_at', '1', 'returned.component', 'true'),
    ('UNITS_BACK_OF_DELIVERED_TIMED', 'returned', 'delivered_at', '1', 'returned.component',
        'returned.requested_at is not null'),
    ('UNITS_ASKED_BACK_IN_30_DAYS', 'returned', 'delivered_at', '1', 'returned.component',
        'returned.requested_at <= returned.delivered_at + interval 30 day'),
    ('UNITS_REQUESTED', 'unit', 'requested_at', '1', blank, 'true'),
    ('UNITS_AUTHORISED_OF_REQUESTED', 'unit', 'requested_at', '1', blank, 'unit.authorised_at is not null'),
    ('UNITS_AUTHORISED_AGED', 'unit', 'authorised_at', '1', blank, aged),
    ('UNITS_ARRIVED_IN_28_DAYS', 'unit', 'authorised_at', '1', blank,
        aged ~ ' and unit.received_at <= unit.authorised_at + interval 28 day'),
    ('UNITS_BLIND', 'unit', 'received_at', '1', blank, "unit.return_type = 'BLIND'"),
    ('RMAS_RECEIVED', 'received_rma', 'received_at', '1', blank, 'true'),
    ('UNITS_EXPECTED', 'return_line', 'received_at', 'return_line.quantity', blank, 'true'),
    ('UNITS_DISCREPANT', 'return_line', 'received_at', 'return_line.discrepant_quantity', blank,
        'return_line.discrepant_quantity > 0'),
    ('UNITS_REFUNDED', 'refund', 'refunded_at', '1', blank, first_refund),
    ('UNITS_REFUNDED_AND_KEPT', 'refund', 'refunded_at', '1', blank,
        first_refund ~ " and refund.disposition_code = 'KEPT_BY_CUSTOMER'"),
    ('REFUND_VALUE', 'refund', 'refunded_at', 'refund.amount_reporting', 'refund.method',
        'refund.amount_reporting is not null'),
    ('REFUND_RETAINED', 'refund', 'refunded_at', 'refund.amount_reporting', 'refund.method',
        "refund.amount_reporting is not null and refund.method in ('EXCHANGE', 'CREDIT')"),
    ('UNITS_WITH_REASON', 'unit', 'received_at', '1', 'unit.reason_code', "unit.reason_code <> 'UNKNOWN'"),
    ('UNITS_GRADED', 'unit', 'received_at', '1', 'unit.grade_code', 'unit.grade_code is not null'),
    ('DEFECT_CLAIMED_TESTED', 'inspection', 'inspected_at', '1', blank, tested),
    ('DEFECT_CLAIMED_TESTED_OK', 'inspection', 'inspected_at', '1', blank,
        tested ~ " and inspection.test_result = 'OK'"),
] %}

{% for code, rows, dated_by, amount, component, where in branches -%}
{{ measure(code, rows, dated_by, amount, component, where) }}
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
