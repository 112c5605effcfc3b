-- Every inspection of a unit, in order; what stands for the unit is the last of each kind (fct_return_unit).
{{ config(materialized='touched', meta={'touched': {
    'key': 'inspection_key',
    'by': {
        'stg_backhaul__inspections': documents_beside('backhaul__inspections'),
        'int_units__record': documents_of_links('backhaul__inspections'),
    },
}}) }}
select
    inspection.record_key as inspection_key,
    inspection.inspection_id,
    named.unit_key,
    cast(
        row_number() over (
            partition by coalesce(named.unit_key, inspection.record_key)
            order by inspection.inspected_at, inspection.record_key
        ) as bigint
    ) as inspection_number,
    inspection.inspected_at,
    inspection.node_id,
    inspection.grade_code,
    inspection.test_result,
    upper(inspection.found_reason_code) as found_reason_code,
    inspection.found_sku,
    inspection.damage_cause,
    inspection.is_fraud_suspected,
    inspection.is_fraud_confirmed,
    inspection.scanned_weight_kg,
    inspection.minutes as labour_minutes,
    {{ lineage_columns('inspection') }}
from {{ near(ref('stg_backhaul__inspections'), "record_key in {keys}") }} as inspection
{{ join_unit('inspection', 'backhaul__inspections', where='record_key in {keys}') }}
where inspection.is_current
