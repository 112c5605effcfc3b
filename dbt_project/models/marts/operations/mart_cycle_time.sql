-- How long each step takes where it is done, and how many units still wait in it: a step's figures count what it ended
-- in the month; units that it has not ended stand beside them in the month of the as-of date, and those of them that
-- have waited longer than the step should take.
-- depends_on: {{ ref('fct_measure_month') }}, which tells what changed in the views
{%- set as_of_month = "select cast(date_trunc('month', as_of) as date) from core.dim_as_of" %}
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {
        'fct_measure_flow': months_of('measured_on'),
        'fct_measure_month': "select period_month from {changes} where false",
        'fct_return_unit': as_of_month,
        'dim_as_of': months_of('as_of'),
    },
}}) }}
{#- stage: the clock that starts it, the one that ends it, and what else an open unit must be -#}
{%- set waiting = {
    'CUSTOMER_DWELL': ('authorised_at', 'first_scan_at', ''),
    'TRANSIT': ('first_scan_at', 'delivered_at', ''),
    'DOCK': ('delivered_at', 'received_at', ''),
    'INSPECTION': ('received_at', 'inspected_at', ''),
    'DECISION': ('received_at', 'disposition_decided_at', ''),
    'EXECUTION': ('received_at', 'disposition_executed_at', ''),
    'STOCK': ('received_at', 'disposition_executed_at', " and unit.disposition_code = 'RESTOCK_NEW'"),
    'CYCLE': ('requested_at', 'disposition_executed_at', ''),
    'REFUND_FROM_REQUEST': ('requested_at', 'refunded_at', ''),
    'REFUND_FROM_SCAN': ('first_scan_at', 'refunded_at', ''),
    'REFUND_FROM_RECEIPT': ('received_at', 'refunded_at', ''),
} %}
with ended as (
    select
        stage.stage_code,
        stage.target_days,
        cast(date_trunc('month', measure.measured_on) as date) as period_month,
        coalesce(measure.node_id, 'UNKNOWN') as node_id,
        coalesce(measure.product_category, 'UNKNOWN') as product_category,
        measure.amount as days
    from {{ near(ref('fct_measure_flow'), in_months('measured_on')) }} as measure
    inner join {{ ref('dim_kpi') }} as kpi on kpi.numerator_measure = measure.measure_code
    inner join {{ ref('dim_stage') }} as stage on stage.kpi_id = kpi.kpi_id
),

closed as (
    select
        stage_code,
        period_month,
        node_id,
        product_category,
        count(*) as closed_count,
        cast({{ quantile('days', 0.5) }} as decimal(18, 6)) as median_days,
        cast({{ quantile('days', 0.9) }} as decimal(18, 6)) as p90_days,
        cast(sum(case when days <= target_days then 1 else 0 end) as bigint) as within_target_count
    from ended
    group by 1, 2, 3, 4
),

open_unit as (
    select
        unit.*,
        as_of.as_of
    from {{ ref('fct_return_unit') }} as unit
    cross join {{ ref('dim_as_of') }} as as_of
    inner join {{ ref('dim_unit_status') }} as status on status.unit_status = unit.unit_status and status.is_open
),

waiting as (
    {% for stage_code, (start, end, condition) in waiting.items() -%}
    select
        '{{ stage_code }}' as stage_code,
        cast(date_trunc('month', unit.as_of) as date) as period_month,
        coalesce(unit.node_id, 'UNKNOWN') as node_id,
        coalesce(unit.product_category, 'UNKNOWN') as product_category,
        {{ elapsed_days('unit.' ~ start, 'unit.as_of') }} as age_days
    from open_unit as unit
    where unit.{{ start }} is not null and unit.{{ end }} is null{{ condition }}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

still_open as (
    select
        waiting.stage_code,
        waiting.period_month,
        waiting.node_id,
        waiting.product_category,
        count(*) as open_count,
        cast(sum(case when waiting.age_days > stage.target_days then 1 else 0 end) as bigint) as open_late_count,
        cast({{ quantile('waiting.age_days', 0.5) }} as decimal(18, 6)) as open_median_days
    from waiting
    inner join {{ ref('dim_stage') }} as stage on stage.stage_code = waiting.stage_code
    group by 1, 2, 3, 4
)

select
    {% for key in ['stage_code', 'period_month', 'node_id', 'product_category'] -%}
    coalesce(closed.{{ key }}, still_open.{{ key }}) as {{ key }},
    {% endfor -%}
    coalesce(closed.closed_count, 0) as closed_count,
    closed.median_days,
    closed.p90_days,
    coalesce(closed.within_target_count, 0) as within_target_count,
    {{ ratio('closed.within_target_count', 'closed.closed_count') }} as within_target_rate,
    coalesce(still_open.open_count, 0) as open_count,
    coalesce(still_open.open_late_count, 0) as open_late_count,
    still_open.open_median_days
from closed
full outer join still_open
    on
        still_open.stage_code = closed.stage_code
        and still_open.period_month = closed.period_month
        and still_open.node_id = closed.node_id
        and still_open.product_category = closed.product_category
