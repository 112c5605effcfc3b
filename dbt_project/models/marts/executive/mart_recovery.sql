{%- set sums = {
    'gross_proceeds_reporting': 'PROCEEDS_OF_CLOSED',
    'net_recovery_reporting': 'NET_RECOVERY_OF_CLOSED',
    'landed_cost_reporting': 'LANDED_COST_OF_CLOSED',
} %}
with measures as (
    select
        measure_code,
        measured_on,
        unit_key,
        amount
    from {{ ref('fct_measure_recovery') }}
    union all
    select
        measure_code,
        measured_on,
        unit_key,
        amount
    from {{ ref('fct_measure_cost') }}
),

amounts as (
    select
        cast(date_trunc('month', measures.measured_on) as date) as period_month,
        unit.channel,
        unit.disposition_code,
        {% for column, measure_code in sums.items() -%}
        sum(case when measures.measure_code = '{{ measure_code }}' then measures.amount else 0 end) as {{ column }},
        {% endfor -%}
        count(distinct measures.unit_key) as unit_count
    from measures
    inner join {{ ref('fct_return_unit') }} as unit on unit.unit_key = measures.unit_key
    where
        measures.measure_code in (
            {% for measure_code in sums.values() -%}
            '{{ measure_code }}'{% if not loop.last %},{% endif %}
            {% endfor -%}
        )
    group by 1, 2, 3
)

select
    period_month,
    channel,
    disposition_code,
    unit_count,
    cast(landed_cost_reporting as decimal(38, 4)) as landed_cost_reporting,
    cast(gross_proceeds_reporting as decimal(38, 4)) as gross_proceeds_reporting,
    cast(net_recovery_reporting as decimal(38, 4)) as net_recovery_reporting,
    cast(gross_proceeds_reporting / nullif(landed_cost_reporting, 0) as decimal(18, 6)) as gross_recovery_rate,
    cast(net_recovery_reporting / nullif(landed_cost_reporting, 0) as decimal(18, 6)) as net_recovery_rate
from amounts
