-- What a route had brought when a month began, at three levels: by category and grade, by category, overall. Prices are
-- shares of landed cost, brought back to the day of receipt, so that they carry over from one product to another.
{{ config(materialized='touched', meta={'touched': {'key': 'evidence_month', 'by': 'whole'}}) }}
{%- set levels = {
    'CATEGORY_GRADE': ['product_category', 'grade_code'], 'CATEGORY': ['product_category'], 'OVERALL': [],
} %}
{%- set cell = ['evidence_level', 'product_category', 'grade_code', 'disposition_code'] %}
{%- set sums = [
    'unit_count', 'sold_count', 'landed_cost_reporting', 'sold_cost_reporting', 'proceeds_reporting',
    'undecayed_proceeds_reporting', 'process_reporting', 'freight_reporting', 'selling_reporting', 'holding_reporting',
    'credit_reporting', 'held_days',
] %}
with learned as (
    {% for level, keys in levels.items() -%}
    select
        '{{ level }}' as evidence_level,
        {% for key in ['product_category', 'grade_code'] -%}
        {{ key if key in keys else 'cast(null as string)' }} as {{ key }},
        {% endfor -%}
        disposition_code,
        cast(learned_month + interval 1 month as date) as evidence_month,
        {% for column in sums -%}
        sum({{ column }}) as {{ column }}
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_options__month') }}
    where
        true
        {% for key in keys -%}
        and {{ key }} is not null
        {% endfor %}
    group by disposition_code, learned_month{% for key in keys %}, {{ key }}{% endfor %}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

cells as (
    select
        {{ cell | join(',\n        ') }},
        min(evidence_month) as first_month
    from learned
    group by {{ cell | join(', ') }}
),

-- a month in which nothing was learned knows what the one before it knew
months as (
    select distinct dates.month_start as evidence_month
    from {{ ref('dim_date') }} as dates
    inner join {{ ref('dim_as_of') }} as as_of on dates.date_day <= cast(as_of.as_of as date)
),

dense as (
    select
        {% for column in cell -%}
        cells.{{ column }},
        {% endfor -%}
        {% for column in sums -%}
        coalesce(learned.{{ column }}, 0) as {{ column }},
        {% endfor -%}
        months.evidence_month
    from cells
    inner join months on months.evidence_month >= cells.first_month
    left join learned
        on
            learned.evidence_month = months.evidence_month
            {% for column in cell -%}
            and learned.{{ column }} is not distinct from cells.{{ column }}
            {% endfor %}
),

running as (
    select
        {{ cell | join(',\n        ') }},
        {% for column in sums -%}
        sum({{ column }}) over so_far as {{ column }},
        {% endfor -%}
        evidence_month
    from dense
    window so_far as (
        partition by {{ cell | join(', ') }}
        order by evidence_month
        rows unbounded preceding
    )
)

select
    {{ cell | join(',\n    ') }},
    evidence_month,
    cast(unit_count as bigint) as unit_count,
    cast(sold_count as bigint) as sold_count,
    cast(sold_count / unit_count as decimal(9, 6)) as sold_share,
    cast(undecayed_proceeds_reporting / nullif(sold_cost_reporting, 0) as decimal(18, 6)) as price_share,
    cast(selling_reporting / nullif(proceeds_reporting, 0) as decimal(18, 6)) as fee_rate,
    cast(process_reporting / unit_count as decimal(18, 4)) as process_reporting,
    cast(freight_reporting / unit_count as decimal(18, 4)) as freight_reporting,
    cast(credit_reporting / landed_cost_reporting as decimal(18, 6)) as credit_share,
    cast(holding_reporting as decimal(38, 4)) as holding_reporting,
    cast(held_days as bigint) as held_days
from running
