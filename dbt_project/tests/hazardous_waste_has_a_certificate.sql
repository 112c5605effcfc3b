-- Invariant 13: hazardous mass goes to somebody who is named and certifies it.
{{ config(severity='warn') }}
select
    source_table,
    detail,
    unit_key,
    source_id,
    file_sha256,
    source_row
from {{ ref('int_mass__finding') }}
where rule_id = 'hazardous_without_certificate'
