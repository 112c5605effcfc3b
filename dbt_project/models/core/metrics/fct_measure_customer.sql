-- What counts in the metrics of customers and integrity: who stays, what they say, and what leaks.
{{ config(materialized='view') }}
{%- set blank = 'cast(null as string)' %}
with unit as (
    select * from {{ ref('fct_return_unit').include(database=false) }}
),

refund as (
    select
        refund.*,
        unit.requested_at,
        {{ slice_columns('unit') }}
    from {{ ref('fct_refund').include(database=false) }} as refund
    left join unit on unit.unit_key = refund.unit_key
),

-- a customer counts once a month, at the first refund
refunded_customer as (
    select
        refund.*,
        case
            when exists (
                select 1
                from {{ ref('fct_sales_line').include(database=false) }} as sale
                where
                    sale.customer_key = refund.customer_key
                    and sale.ordered_at > refund.refunded_at
                    and sale.ordered_at <= refund.refunded_at + interval 90 day
            ) then true
            else false
        end as is_retained
    from refund
    where refund.customer_key is not null
    qualify row_number() over (
        partition by refund.customer_key, date_trunc('month', refund.refunded_at)
        order by refund.refunded_at, refund.refund_key
    ) = 1
),

feedback as (
    select
        feedback.*,
        cast(null as {{ key_type() }}) as unit_key,
        {{ blank }} as product_category,
        {{ blank }} as node_id,
        {{ blank }} as carrier,
        {{ blank }} as return_type,
        'backhaul__feedback' as source_table
    from {{ ref('fct_customer_feedback').include(database=false) }} as feedback
),

leak as (
    select
        leak.*,
        {{ slice_columns('unit') }}
    from {{ ref('fct_refund_leak').include(database=false) }} as leak
    left join unit on unit.unit_key = leak.unit_key
    where leak.amount_reporting is not null
)

{%- set timed = 'refund.unit_key is not null and refund.refund_number = 1 and refund.requested_at is not null' -%}
{%- set branches = [
    ('CUSTOMERS_REFUNDED', 'refunded_customer', 'refunded_at', '1', blank, 'true'),
    ('CUSTOMERS_RETAINED', 'refunded_customer', 'refunded_at', '1', blank, 'refunded_customer.is_retained'),
    ('CSAT_SCORE', 'feedback', 'answered_at', 'feedback.score', blank, "feedback.survey = 'CSAT'"),
    ('CSAT_ANSWERS', 'feedback', 'answered_at', '1', blank, "feedback.survey = 'CSAT'"),
    ('NPS_BALANCE', 'feedback', 'answered_at',
        'case when feedback.score >= 9 then 1 when feedback.score <= 6 then -1 else 0 end', blank,
        "feedback.survey = 'NPS'"),
    ('NPS_ANSWERS', 'feedback', 'answered_at', '1', blank, "feedback.survey = 'NPS'"),
    ('REFUNDS_TIMED', 'refund', 'refunded_at', '1', blank, timed),
    ('REFUNDS_IN_14_DAYS', 'refund', 'refunded_at', '1', blank,
        timed ~ ' and refund.refunded_at <= refund.requested_at + interval 14 day'),
    ('REFUNDS_AGED', 'refund', 'refunded_at', '1', blank, 'refund.is_goods_due'),
    ('REFUNDS_AGED_MATCHED', 'refund', 'refunded_at', '1', blank, 'refund.is_goods_due and refund.is_goods_known'),
    ('FRAUD_SUSPECTED', 'unit', 'received_at', '1', blank, 'unit.is_fraud_suspected'),
    ('FRAUD_CONFIRMED_VALUE', 'unit', 'received_at', 'unit.unit_price_reporting', blank,
        'unit.is_fraud_confirmed and unit.unit_price_reporting is not null'),
    ('UNITS_SWAPPED', 'unit', 'received_at', '1', blank, 'unit.is_swapped'),
    ('OVER_REFUND', 'leak', 'refunded_at', 'leak.amount_reporting', blank, "leak.rule_id = 'over_refund'"),
    ('DOUBLE_REFUND', 'leak', 'refunded_at', 'leak.amount_reporting', blank, "leak.rule_id = 'double_refund'"),
    ('REFUND_WITHOUT_GOODS', 'leak', 'refunded_at', 'leak.amount_reporting', blank,
        "leak.rule_id = 'refund_without_goods'"),
] %}

{% for code, rows, dated_by, amount, component, where in branches -%}
{{ measure(code, rows, dated_by, amount, component, where) }}
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
