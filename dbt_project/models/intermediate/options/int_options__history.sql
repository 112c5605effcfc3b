-- What a route has brought so far, at three levels: by category and grade, by category, overall. Prices are shares of
-- landed cost, brought back to the day of receipt, so that they carry over from one product to another.
{% set levels = {
    'CATEGORY_GRADE': ['product_category', 'grade_code'], 'CATEGORY': ['product_category'], 'OVERALL': [],
} -%}
{% for level, keys in levels.items() -%}
select
    '{{ level }}' as evidence_level,
    {% for key in ['product_category', 'grade_code'] -%}
    {{ key if key in keys else 'cast(null as string)' }} as {{ key }},
    {% endfor -%}
    disposition_code,
    cast(count(*) as bigint) as unit_count,
    cast(sum(case when proceeds_reporting > 0 then 1 else 0 end) as bigint) as sold_count,
    cast(
        sum(case when proceeds_reporting > 0 then 1 else 0 end) / count(*) as decimal(9, 6)
    ) as sold_share,
    cast(
        sum(case when proceeds_reporting > 0 then cast(proceeds_reporting / price_left as decimal(18, 4)) end)
        / nullif(sum(case when proceeds_reporting > 0 then landed_cost_reporting end), 0)
        as decimal(18, 6)
    ) as price_share,
    cast(sum(selling_reporting) / nullif(sum(proceeds_reporting), 0) as decimal(18, 6)) as fee_rate,
    cast(sum(process_reporting) / count(*) as decimal(18, 4)) as process_reporting,
    cast(sum(freight_reporting) / count(*) as decimal(18, 4)) as freight_reporting,
    cast(sum(credit_reporting) / sum(landed_cost_reporting) as decimal(18, 6)) as credit_share
from {{ ref('int_options__closed') }}
where
    true
    {% for key in keys -%}
    and {{ key }} is not null
    {% endfor %}
group by disposition_code{% for key in keys %}, {{ key }}{% endfor %}
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
