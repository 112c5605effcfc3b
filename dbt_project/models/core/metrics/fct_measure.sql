-- Every row that counts in any measure: the views of the topics together. Ask for one measure by its code and only the
-- branch that holds it is read. Names are without a database: the view is published as it stands beside its facts.
{{ config(materialized='view') }}
{% for view in measure_views() -%}
select
    measure_code,
    measured_on,
    unit_key,
    component,
    channel,
    product_category,
    node_id,
    carrier,
    return_type,
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
