-- Invariant 11: tickets do not weigh more than their unit, give or take two per cent. What lies within is posted as an
-- explicit row of fct_unit_mass (unit_mass_lines_add_up_to_the_unit).
{{ config(severity='warn') }}
select
    source_table,
    detail,
    unit_key,
    source_id,
    file_sha256,
    source_row
from {{ ref('int_mass__finding') }}
where rule_id = 'ticket_over_unit_mass'
