-- Evidence shared by records links it together: connected components by rounds of smallest-label propagation.
-- A component whose longest path exceeds the rounds is caught by the test `identity_has_converged`.
{{ config(materialized='touched', meta={'touched': {
    'key': 'evidence',
    'by': {
        'int_units__evidence': '
            select evidence from {changes}
            union
            select evidence
            from intermediate.int_units__component
            where component in (
                select component
                from intermediate.int_units__component
                where evidence in (select evidence from {changes})
            )
        ',
    },
}}) }}
{% set rounds = var('identity_rounds', 6) %}
with evidence as (
    select * from {{ near(ref('int_units__evidence')) }}
),

linking_records as (
    select unit_record_key
    from evidence
    group by unit_record_key
    having count(*) > 1
),

links as (
    select distinct
        one.evidence,
        other.evidence as neighbour
    from linking_records
    inner join evidence as one on one.unit_record_key = linking_records.unit_record_key
    inner join evidence as other on other.unit_record_key = linking_records.unit_record_key
),

round_0 as (
    select distinct
        evidence,
        evidence as label
    from links
),

{% for round in range(1, rounds + 1) %}
round_{{ round }} as (
    select
        links.evidence,
        min(previous.label) as label
    from links
    inner join round_{{ round - 1 }} as previous on previous.evidence = links.neighbour
    group by links.evidence
){{ ',' if not loop.last }}

{% endfor %}

select distinct
    evidence.evidence,
    evidence.strength,
    coalesce(labels.label, evidence.evidence) as component
from evidence
left join round_{{ rounds }} as labels on labels.evidence = evidence.evidence
