-- Invariant 13: recalled, expired and banned goods do not go back into use.
{{ config(severity='warn') }}
select
    source_table,
    detail,
    unit_key,
    source_id,
    file_sha256,
    source_row
from {{ ref('int_mass__finding') }}
where rule_id = 'forbidden_resale'
