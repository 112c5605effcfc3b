-- Evidence of one record must stand in one component; else raise the variable identity_rounds.
{%- set changed = "
    unit_record_key in (
        select unit_record_key from touched.int_units__evidence
        union
        select unit_record_key
        from intermediate.int_units__evidence
        where evidence in (select evidence from touched.int_units__identity)
    )
" %}
select
    evidence.unit_record_key,
    count(distinct identity.component) as component_count
from {{ lately(ref('int_units__evidence'), changed, ['int_units__evidence', 'int_units__identity']) }} as evidence
inner join {{ ref('int_units__identity') }} as identity on identity.evidence = evidence.evidence
group by evidence.unit_record_key
having count(distinct identity.component) > 1
