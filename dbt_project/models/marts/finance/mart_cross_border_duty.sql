-- What crossing a border costs, by lane, month of receipt and customs treatment.
{%- set months_of_units = "
    select received_month from core.fct_return_unit where unit_key in (select unit_key from {changes})
" %}
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {
        'fct_return_unit': "select received_month from {changes}",
        'fct_cost': months_of_units,
        'fct_recovery': months_of_units,
    },
}}) }}
with crossed as (
    select
        unit_key,
        received_month as period_month,
        from_country,
        to_country,
        coalesce(duty_treatment, 'UNKNOWN') as duty_treatment
    from {{ near(ref('fct_return_unit'), 'received_month in {keys}') }}
    where received_month is not null and from_country <> to_country
),

amounts as (
    {% for column, (fact, category_code) in {
        'duty': ('fct_cost', 'DUTY_IN'), 'brokerage': ('fct_cost', 'BRK'), 'drawback': ('fct_recovery', 'REC_DBK'),
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
        {% for what in ['duty', 'brokerage', 'drawback'] -%}
        sum(case when what = '{{ what }}' then amount_reporting else 0 end) as {{ what }},
        {% endfor -%}
        unit_key
    from amounts
    group by unit_key
),

lanes as (
    select
        crossed.period_month,
        crossed.from_country,
        crossed.to_country,
        crossed.duty_treatment,
        count(*) as unit_count,
        coalesce(sum(by_unit.duty), 0) as duty,
        coalesce(sum(by_unit.brokerage), 0) as brokerage,
        coalesce(sum(by_unit.drawback), 0) as drawback
    from crossed
    left join by_unit on by_unit.unit_key = crossed.unit_key
    group by crossed.period_month, crossed.from_country, crossed.to_country, crossed.duty_treatment
)

select
    period_month,
    from_country,
    to_country,
    duty_treatment,
    unit_count,
    cast(duty as decimal(38, 4)) as duty_reporting,
    cast(brokerage as decimal(38, 4)) as brokerage_reporting,
    cast(drawback as decimal(38, 4)) as drawback_reporting,
    cast(duty + brokerage - drawback as decimal(38, 4)) as net_duty_reporting,
    cast({{ ratio('(duty + brokerage - drawback)', 'unit_count') }} as decimal(18, 4)) as net_duty_per_unit_reporting
from lanes
