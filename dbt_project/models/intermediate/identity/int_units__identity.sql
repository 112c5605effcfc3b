-- Evidence shared by records links it into units: connected components by rounds of smallest-label propagation.
-- A component whose longest path exceeds the rounds is caught by the test `identity_has_converged`.
{% set rounds = var('identity_rounds', 6) %}
with evidence as (
    select * from {{ ref('int_units__evidence') }}
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
),

{% endfor %}
components as (
    select distinct
        evidence.evidence,
        evidence.strength,
        coalesce(labels.label, evidence.evidence) as component
    from evidence
    left join round_{{ rounds }} as labels on labels.evidence = evidence.evidence
),

-- evidence that no return record shares names no unit: its rows stay visible as unallocated (quality_unlinked_record)
returned as (
    select distinct components.component
    from components
    inner join {{ ref('int_units__return_record') }} as record on record.unit_evidence = components.evidence
)

select
    components.evidence,
    components.component,
    md5(
        first_value(components.evidence) over (
            partition by components.component
            order by components.strength, components.evidence
        )
    ) as unit_key
from components
inner join returned on returned.component = components.component
