-- Every amount that counts in a metric, with the unit and the record it comes from: the measures, by the metrics that
-- divide them. `backhaul trace` lists it, so that a figure and its rows cannot disagree.
-- Names are without a database: the view is published as it stands beside the facts it reads.
{{ config(materialized='view') }}
{%- set kpi = ref('dim_kpi').include(database=false) %}
with measures as (
    {% for view in measure_views() -%}
    select
        measure_code,
        cast(date_trunc('month', measured_on) as date) as period_month,
        component,
        unit_key,
        amount,
        source_table,
        source_id,
        file_sha256,
        source_row,
        source_path
    from {{ ref(view).include(database=false) }}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
)

{#- What a duration is divided by is how many there are: each of its rows counts one. -#}
{% for role, measure, amount, condition in [
    ('NUMERATOR', 'numerator_measure', 'measures.amount', 'true'),
    ('DENOMINATOR', 'denominator_measure', 'measures.amount', 'true'),
    ('DENOMINATOR', 'numerator_measure', 'cast(1 as decimal(18, 8))', "kpi.kind = 'DURATION'"),
] -%}
select
    kpi.kpi_id,
    measures.period_month,
    '{{ role }}' as kpi_role,
    measures.component,
    measures.unit_key,
    {{ amount }} as amount,
    measures.source_table,
    measures.source_id,
    measures.file_sha256,
    measures.source_row,
    measures.source_path
from measures
inner join {{ kpi }} as kpi on kpi.{{ measure }} = measures.measure_code
where {{ condition }}
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
