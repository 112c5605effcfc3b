-- The measures summed by month and every slice together: what any metric, by any of its slices, is a sum over.
{{ config(materialized='touched', meta={'touched': {'key': 'measure_cell_key', 'by': 'whole'}}) }}
{%- if is_measured_by_change() -%}
{%- do measure_changes() -%}
select
    measure_cell_key,
    measure_view,
    measure_code,
    period_month,
    component,
    channel,
    product_category,
    node_id,
    carrier,
    return_type,
    cast(sum(amount) as decimal(38, 8)) as amount,
    cast(sum(row_count) as bigint) as row_count
from (
    select
        measure_cell_key,
        measure_view,
        measure_code,
        period_month,
        component,
        channel,
        product_category,
        node_id,
        carrier,
        return_type,
        amount,
        row_count
    from {{ this }}
    where measure_cell_key in (select key_value from touched.{{ this.name }}__key)
    union all
    {{ measured_changes() }}
) as changes
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
having sum(row_count) <> 0
{% else -%}
{% for view in measure_views() -%}
select
    {{ measure_cell(view) }},
    cast(sum(amount) as decimal(38, 8)) as amount,
    cast(count(*) as bigint) as row_count
from {{ ref(view) }}
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
{% endif -%}
