-- Of the company's own units of known landed cost received in a month: how many there are and what they cost (rows
-- without a day), and what was recovered net of reverse costs so many days after each unit's receipt. Goods given away
-- stand in landed cost already.
-- depends_on: {{ ref('fct_measure_month') }}, {{ ref('fct_measure_cost') }}: what changed in the facts
{{ config(materialized='touched', meta={'touched': {
    'key': 'cohort_month',
    'by': {
        'fct_return_unit': "select received_month from {changes}",
        'fct_cost': months_of_units(),
        'fct_recovery': months_of_units(),
        'fct_measure_cost': "select measured_on from {changes} where false",
        'fct_measure_month': "select period_month from {changes} where false",
    },
}}) }}
{%- set flows %}
    with flows as (
        select
            recovery.unit_key,
            recovery.recovered_at as flowed_at,
            recovery.amount_reporting
        from {{ ref('fct_recovery') }} as recovery
        inner join {{ ref('dim_cost_category') }} as category
            on category.category_code = recovery.category_code and category.family = 'RECOVERY'
        where recovery.unit_key is not null and recovery.amount_reporting is not null
        union all
        select
            cost.unit_key,
            cost.posted_at as flowed_at,
            -cost.amount_reporting as amount_reporting
        from {{ ref('fct_cost') }} as cost
        inner join {{ ref('dim_cost_category') }} as category
            on category.category_code = cost.category_code and category.is_in_trc and not category.is_goods_value
        where cost.unit_key is not null and cost.amount_reporting is not null
    ),

    units as (
        select
            unit_key,
            received_month as cohort_month,
            received_at,
            landed_cost_reporting
        from {{ ref('fct_return_unit') }}
        where received_month is not null and landed_cost_reporting is not null and not is_customer_owned
    )

    select
        cohort_month,
        cast(null as bigint) as day_number,
        1 as unit_count,
        landed_cost_reporting,
        0 as net_recovery_reporting
    from units
    union all
    select
        units.cohort_month,
        {{ whole_days('units.received_at', 'flows.flowed_at') }} as day_number,
        0 as unit_count,
        0 as landed_cost_reporting,
        flows.amount_reporting as net_recovery_reporting
    from flows
    inner join units on units.unit_key = flows.unit_key
{%- endset %}
with changes as (
    select
        cohort_month,
        day_number,
        unit_count * row_change as unit_count,
        landed_cost_reporting * row_change as landed_cost_reporting,
        net_recovery_reporting * row_change as net_recovery_reporting
    from {{ changes_of_query(flows) }} as flows
)

select *
from
    {{ carried_on('changes', ['cohort_month', 'day_number'], {
        'unit_count': 'bigint', 'landed_cost_reporting': 'decimal(38, 4)', 'net_recovery_reporting': 'decimal(38, 4)',
    }) }} as summed
where unit_count > 0 or net_recovery_reporting <> 0
