-- The median and the ninth decile of each duration by month and slice: no sum of months gives them.
-- depends_on: {{ ref('fct_measure_month') }}, which tells what changed in the views
{%- set months = "
    select cast(date_trunc('month', measured_on) as date)
    from {changes}
    where measure_code in ('" ~ duration_measures() | join("', '") ~ "')
" %}
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {
        'fct_measure_flow': months,
        'fct_measure_work': months,
        'fct_measure_month': 'select period_month from {changes} where false',
    },
}}) }}
with timed as (
    {% for view in duration_views() -%}
    select
        measure_code,
        cast(date_trunc('month', measured_on) as date) as period_month,
        component,
        channel,
        product_category,
        node_id,
        carrier,
        return_type,
        amount
    from {{ near(ref(view), in_months('measured_on')) }}
    where
        measure_code in (
            {% for measure_code in duration_measures() -%}
            '{{ measure_code }}'{% if not loop.last %},{% endif %}
            {% endfor -%}
        )
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
)

{% for dimension, column in [('ALL', "''")] + slice_dimensions().items() | list -%}
select
    measure_code,
    period_month,
    '{{ dimension }}' as slice_dimension,
    {{ column }} as slice_member,
    cast({{ quantile('amount', 0.5) }} as decimal(18, 6)) as median_days,
    cast({{ quantile('amount', 0.9) }} as decimal(18, 6)) as p90_days
from timed
{% if dimension != 'ALL' %}where {{ column }} is not null{% endif %}
group by 1, 2, 3, 4
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
