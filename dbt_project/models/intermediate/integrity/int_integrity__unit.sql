-- Units of which something is missing that figures rest on, or told twice; one row per finding.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {},
}}) }}
select
    rules.rule_id,
    unit.source_table,
    unit.sku as detail,
    unit.unit_key,
    {{ lineage_columns('unit') }}
from {{ near(ref('fct_return_unit')) }} as unit
left join {{ near(ref('int_units__disposition')) }} as disposition on disposition.unit_key = unit.unit_key
cross join (
    values ('several_final_dispositions'), ('unknown_landed_cost'), ('unknown_mass'), ('unpriced_currency'),
    ('swapped_unit')
) as rules (rule_id)
where
    case rules.rule_id
        when 'several_final_dispositions' then disposition.final_decision_count > 1
        when 'unknown_landed_cost' then unit.landed_cost is null
        when 'unknown_mass' then unit.mass_kg is null
        when 'swapped_unit' then unit.is_swapped and unit.received_at is not null
        else unit.landed_cost is not null and unit.landed_cost_reporting is null
    end
