-- How long each step took, one returned unit at a time; days. The record that ends the step is the one named.
{{ config(materialized='view') }}
{%- set unit = ref('fct_return_unit').include(database=false) %}
{#- alias: the records that end a step, which of them counts for a unit, and the table they come from -#}
{%- set records = {
    'shipment': (ref('fct_return_shipment'), 'record.tracking_number = unit.tracking_number', 'record.source_table'),
    'inspection': (
        ref('fct_inspection'), 'record.unit_key = unit.unit_key and record.inspection_number = 1',
        "'backhaul__inspections'",
    ),
    'disposition': (
        ref('fct_disposition'), 'record.unit_key = unit.unit_key and record.is_standing', 'record.source_table',
    ),
    'refund': (
        ref('fct_refund'), 'record.unit_key = unit.unit_key and record.refund_number = 1', 'record.source_table',
    ),
} -%}
with unit as (
    select * from {{ unit }}
),

{% for alias, (fact, condition, source_table) in records.items() -%}
{{ alias }} as (
    select
        unit.unit_key,
        {% for clock in [
            'requested_at', 'authorised_at', 'first_scan_at', 'delivered_at', 'received_at', 'inspected_at',
            'disposition_decided_at', 'disposition_executed_at', 'disposition_code', 'refunded_at',
        ] -%}
        unit.{{ clock }},
        {% endfor -%}
        {{ slice_columns('unit') }},
        {{ source_table }} as source_table,
        {{ lineage_columns('record') }}
    from unit
    inner join {{ fact.include(database=false) }} as record on {{ condition }}
),

{% endfor -%}
recovery as (
    select
        unit.unit_key,
        unit.refunded_at,
        unit.disposition_executed_at,
        record.recovered_at,
        record.category_code,
        record.amount,
        {{ slice_columns('unit') }},
        record.source_table,
        {{ lineage_columns('record') }},
        record.recovery_key
    from unit
    inner join {{ ref('fct_recovery').include(database=false) }} as record on record.unit_key = unit.unit_key
    -- a fee charged to the customer is no recovery
    inner join {{ ref('dim_cost_category').include(database=false) }} as category
        on category.category_code = record.category_code and category.family = 'RECOVERY'
),

last_recovery as (
    select *
    from recovery
    qualify row_number() over (partition by unit_key order by recovered_at desc, recovery_key) = 1
),

first_sale as (
    select *
    from recovery
    where category_code = 'REC_SALE' and amount > 0
    qualify row_number() over (partition by unit_key order by recovered_at, recovery_key) = 1
)

{% for code, rows, start, end, where in [
    ('CUSTOMER_DWELL_DAYS', 'shipment', 'authorised_at', 'first_scan_at', ''),
    ('TRANSIT_DAYS', 'shipment', 'first_scan_at', 'delivered_at', ''),
    ('DOCK_DWELL_DAYS', 'unit', 'delivered_at', 'received_at', ''),
    ('INSPECTION_DAYS', 'inspection', 'received_at', 'inspected_at', ''),
    ('DOCK_TO_STOCK_DAYS', 'disposition', 'received_at', 'disposition_executed_at',
        " and disposition.disposition_code = 'RESTOCK_NEW'"),
    ('DECISION_DAYS', 'disposition', 'received_at', 'disposition_decided_at', ''),
    ('EXECUTION_DAYS', 'disposition', 'received_at', 'disposition_executed_at', ''),
    ('RETURN_CYCLE_DAYS', 'disposition', 'requested_at', 'disposition_executed_at', ''),
    ('REFUND_DAYS_FROM_REQUEST', 'refund', 'requested_at', 'refunded_at', ''),
    ('REFUND_DAYS_FROM_SCAN', 'refund', 'first_scan_at', 'refunded_at', ''),
    ('REFUND_DAYS_FROM_RECEIPT', 'refund', 'received_at', 'refunded_at', ''),
    ('CASH_DAYS', 'last_recovery', 'refunded_at', 'recovered_at', ''),
    ('SELL_THROUGH_DAYS', 'first_sale', 'disposition_executed_at', 'recovered_at', ''),
] -%}
{{ measure(
    code, rows, end, elapsed_days(rows ~ '.' ~ start, rows ~ '.' ~ end), where=rows ~ '.' ~ start ~ ' is not null' ~ where
) }}
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
