-- Every amount that counts in a metric, with the unit and the record it comes from: the measures, by the metrics that
-- divide them. `backhaul trace` lists it, so that a figure and its rows cannot disagree.
-- Names are without a database: the view is published as it stands beside the facts it reads.
{{ config(materialized='view') }}
{%- set kpi = ref('dim_kpi').include(database=false) -%}
{%- set measure = ref('fct_measure').include(database=false) %}

{#- What a duration is divided by is how many there are: each of its rows counts one. -#}
{% for role, side, amount, condition in [
    ('NUMERATOR', 'numerator_measure', 'measured.amount', 'true'),
    ('DENOMINATOR', 'denominator_measure', 'measured.amount', 'true'),
    ('DENOMINATOR', 'numerator_measure', 'cast(1 as decimal(18, 8))', "kpi.kind = 'DURATION'"),
] -%}
select
    kpi.kpi_id,
    cast(date_trunc('month', measured.measured_on) as date) as period_month,
    '{{ role }}' as kpi_role,
    measured.component,
    measured.unit_key,
    measured.channel,
    measured.product_category,
    measured.node_id,
    measured.carrier,
    measured.return_type,
    {{ amount }} as amount,
    measured.source_table,
    measured.source_id,
    measured.file_sha256,
    measured.source_row,
    measured.source_path
from {{ measure }} as measured
inner join {{ kpi }} as kpi on kpi.{{ side }} = measured.measure_code
where {{ condition }}
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
