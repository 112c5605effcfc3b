-- Return lines and the units they became: a quantity is told apart into units with ordinals that never change.
select
    md5(record.source_table || '|' || record.record_key) as return_line_key,
    identity.unit_key,
    record.unit_ordinal
from {{ ref('int_units__return_record') }} as record
inner join {{ ref('int_units__identity') }} as identity on identity.evidence = record.unit_evidence
