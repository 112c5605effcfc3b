-- Which record holds which evidence. Strength orders the kinds: the strongest names the unit.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_record_key',
    'by': {
        'int_units__return_record': "select source_table || '|' || unit_record_key from {changes}",
        'int_units__document': "select source_table || '|' || record_key from {changes}",
    },
}}) }}
with records as (
    select
        source_table || '|' || unit_record_key as unit_record_key,
        lpn_evidence,
        serial_evidence,
        rma_evidence
    from {{ near(ref('int_units__return_record'), "source_table || '|' || unit_record_key in {keys}") }}
    union all
    -- two tables may number their rows alike
    select
        source_table || '|' || record_key as unit_record_key,
        lpn_evidence,
        serial_evidence,
        rma_evidence
    from {{ near(ref('int_units__document'), "source_table || '|' || record_key in {keys}") }}
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
