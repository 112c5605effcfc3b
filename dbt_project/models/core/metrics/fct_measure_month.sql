-- The measures summed by month and every slice together: what any metric, by any of its slices, is a sum over.
{% for view in measure_views() -%}
select
    measure_code,
    cast(date_trunc('month', measured_on) as date) as period_month,
    component,
    channel,
    product_category,
    node_id,
    carrier,
    return_type,
    cast(sum(amount) as decimal(38, 8)) as amount,
    cast(count(*) as bigint) as row_count
from {{ ref(view) }}
group by 1, 2, 3, 4, 5, 6, 7, 8
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
