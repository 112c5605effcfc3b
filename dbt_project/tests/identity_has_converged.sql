-- Evidence of one record must stand in one component; else raise the variable identity_rounds.
select
    evidence.unit_record_key,
    count(distinct identity.component) as component_count
from {{ ref('int_units__evidence') }} as evidence
inner join {{ ref('int_units__identity') }} as identity on identity.evidence = evidence.evidence
group by evidence.unit_record_key
having count(distinct identity.component) > 1
