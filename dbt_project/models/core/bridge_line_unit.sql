-- Return lines and the units they became: a quantity is told apart into units with ordinals that never change.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'int_units__return_record': units_of_returns(),
    },
}}) }}
select
    {{ surrogate_key(['record.source_table', 'record.record_key']) }} as return_line_key,
    identity.unit_key,
    record.unit_ordinal
from {{ near(ref('int_units__return_record'), returns_of_units()) }} as record
inner join {{ near(ref('int_units__identity')) }} as identity on identity.evidence = record.unit_evidence
