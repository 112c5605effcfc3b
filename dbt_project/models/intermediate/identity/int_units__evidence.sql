-- Which record holds which evidence. Strength orders the kinds: the strongest names the unit.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_record_key',
    'by': {},
}}) }}
with records as (
    {% for input in ['int_units__return_record', 'int_units__document'] -%}
    select
        unit_record_key,
        lpn_evidence,
        serial_evidence,
        rma_evidence
    from {{ near(ref(input)) }}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
)

{% for kind in ['lpn', 'serial', 'rma'] -%}
select distinct
    unit_record_key,
    {{ kind }}_evidence as evidence,
    {{ loop.index }} as strength
from records
where {{ kind }}_evidence is not null
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
