-- The measures summed by month and every slice together: what any metric, by any of its slices, is a sum over.
{{ config(materialized='touched', meta={'touched': {'key': 'period_month', 'by': 'whole'}}) }}
{%- set counted_anew = measure_views() -%}
{%- if is_measured_by_change() -%}
{%- set counted_anew = counted_anew | reject('in', measured_by_change()) | list -%}
select
    measure_view,
    {{ measure_cell('period_month') }},
    cast(sum(amount) as decimal(38, 8)) as amount,
    cast(sum(row_count) as bigint) as row_count
from (
    select * from {{ this }} where measure_view in ('{{ measured_by_change() | join("', '") }}')
    union all by name
    {{ measured_changes() }}
) as changes
group by 1, 2, 3, 4, 5, 6, 7, 8, 9
having sum(row_count) <> 0
union all
{% endif -%}
{% for view in counted_anew -%}
select
    '{{ view }}' as measure_view,
    {{ measure_cell() }},
    cast(sum(amount) as decimal(38, 8)) as amount,
    cast(count(*) as bigint) as row_count
from {{ ref(view) }}
group by 1, 2, 3, 4, 5, 6, 7, 8, 9
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
