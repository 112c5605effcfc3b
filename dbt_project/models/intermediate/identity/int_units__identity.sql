-- Linked evidence that a return record shares names a unit. Evidence that none shares names none: its rows stay visible
-- as unallocated (quality_unlinked_record).
{{ config(materialized='touched', meta={'touched': {
    'key': 'component',
    'by': {
        'int_units__return_record': '
            select component
            from intermediate.int_units__component
            where evidence in (select unit_evidence from {changes})
        ',
    },
}}) }}
with components as (
    select * from {{ near(ref('int_units__component')) }}
),

returned as (
    select distinct components.component
    from components
    inner join
        {{ near(
            ref('int_units__return_record'),
            'unit_evidence in (select evidence from intermediate.int_units__component where component in {keys})'
        ) }} as record
        on record.unit_evidence = components.evidence
)

select
    components.evidence,
    components.component,
    {{ surrogate_key([
        'first_value(components.evidence) over ('
        'partition by components.component order by components.strength, components.evidence)'
    ]) }} as unit_key
from components
inner join returned on returned.component = components.component
