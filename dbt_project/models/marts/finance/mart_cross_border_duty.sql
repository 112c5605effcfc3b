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
        {% for column, (fact, category_code) in {
            'duty_reporting': ('fct_cost', 'DUTY_IN'), 'brokerage_reporting': ('fct_cost', 'BRK'),
            'drawback_reporting': ('fct_recovery', 'REC_DBK'),
        }.items() -%}
        select
            unit_key,
            '{{ column }}' as what,
            amount_reporting
        from {{ ref(fact) }}
        where category_code = '{{ category_code }}' and unit_key is not null
        {% if not loop.last %}union all
        {% endif -%}
        {% endfor %}
    ),

    by_unit as (
        select
            {% for what in amounts -%}
            sum(case when what = '{{ what }}' then amount_reporting else 0 end) as {{ what }},
            {% endfor -%}
            unit_key
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
