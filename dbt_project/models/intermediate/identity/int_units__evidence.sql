-- Which record holds which evidence. Strength orders the kinds: the strongest names the unit.
with evidence as (
    {% for kind in ['lpn', 'serial', 'rma'] -%}
    select
        unit_record_key,
        {{ kind }}_evidence as evidence,
        {{ loop.index }} as strength
    from {{ ref('int_units__return_record') }}
    where {{ kind }}_evidence is not null
    union all
    {% endfor -%}
    {% for table in ['inspections', 'dispositions', 'costs', 'recoveries', 'refunds', 'waste_movements'] -%}
    {% for kind, expression in {
        'lpn': lpn_evidence('lpn'),
        'serial': serial_evidence('serial_number'),
        'rma': rma_evidence('rma_id', 'rma_line', 'unit_ordinal'),
    }.items() -%}
    select
        record_key as unit_record_key,
        {{ expression }} as evidence,
        {{ loop.index }} as strength
    from {{ ref('stg_backhaul__' ~ table) }}
    where is_current and {{ expression }} is not null
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor -%}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
)

select distinct
    unit_record_key,
    evidence,
    strength
from evidence
