-- Invariant 20: net cost counts write-downs, or landed cost less proceeds, and never both.
with counted as (
    {% for view in ['fct_measure_cost', 'fct_measure_recovery'] -%}
    select distinct
        measure_code,
        component
    from {{ ref(view) }}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
)

select
    measure_code,
    component
from counted
where
    (measure_code = 'NET_COST_OF_CLOSED' and component in ('REC_SALE', 'LANDED_COST'))
    or (measure_code = 'NET_COST_OF_CLOSED_BY_PROCEEDS' and component = 'WRITE_DOWN')
