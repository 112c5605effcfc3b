-- What crossing a border costs, by lane, month of receipt and customs treatment.
-- depends_on: {{ ref('fct_measure_month') }}, {{ ref('fct_measure_cost') }}: what changed in the facts
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {
        'fct_return_unit': "select received_month from {changes}",
        'fct_cost': months_of_units(),
        'fct_measure_cost': "select measured_on from {changes} where false",
        'fct_measure_month': "select period_month from {changes} where false",
        'fct_recovery': months_of_units(),
    },
}}) }}
{%- set groups = ['period_month', 'from_country', 'to_country', 'duty_treatment'] %}
{%- set amounts = ['duty_reporting', 'brokerage_reporting', 'drawback_reporting'] %}
{%- set units %}
    with crossed as (
        select
            unit_key,
            received_month as period_month,
            from_country,
            to_country,
            coalesce(duty_treatment, 'UNKNOWN') as duty_treatment
        from {{ ref('fct_return_unit') }}
        where received_month is not null and from_country <> to_country
    ),

    amounts as (
        select
            unit_key,
            category_code,
            amount_reporting
        from {{ ref('fct_cost') }}
        where category_code in ('DUTY_IN', 'BRK') and unit_key is not null
        union all
        select
            unit_key,
            category_code,
            amount_reporting
        from {{ ref('fct_recovery') }}
        where category_code = 'REC_DBK' and unit_key is not null
    ),

    by_unit as (
        select
            unit_key,
            sum(case when category_code = 'DUTY_IN' then amount_reporting else 0 end) as duty_reporting,
            sum(case when category_code = 'BRK' then amount_reporting else 0 end) as brokerage_reporting,
            sum(case when category_code = 'REC_DBK' then amount_reporting else 0 end) as drawback_reporting
        from amounts
        group by unit_key
    )

    select
        crossed.period_month,
        crossed.from_country,
        crossed.to_country,
        crossed.duty_treatment,
        by_unit.duty_reporting,
        by_unit.brokerage_reporting,
        by_unit.drawback_reporting
    from crossed
    left join by_unit on by_unit.unit_key = crossed.unit_key
{%- endset %}
with units as (
    select
        {{ groups | join(',\n        ') }},
        row_change as unit_count,
        {% for column in amounts -%}
        coalesce({{ column }}, 0) * row_change as {{ column }}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ changes_of_query(units) }} as units
),

lanes as (
    select *
    from
        {{ carried_on('units', groups, {
            'unit_count': 'bigint', 'duty_reporting': 'decimal(38, 4)', 'brokerage_reporting': 'decimal(38, 4)',
            'drawback_reporting': 'decimal(38, 4)',
        }) }} as summed
    where unit_count > 0
)

select
    period_month,
    from_country,
    to_country,
    duty_treatment,
    unit_count,
    duty_reporting,
    brokerage_reporting,
    drawback_reporting,
    cast(duty_reporting + brokerage_reporting - drawback_reporting as decimal(38, 4)) as net_duty_reporting,
    cast(
        {{ ratio('(duty_reporting + brokerage_reporting - drawback_reporting)', 'unit_count') }} as decimal(18, 4)
    ) as net_duty_per_unit_reporting
from lanes
