-- The latest inspection of a unit, and the latest that weighed it.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'stg_backhaul__inspections': units_of_documents('backhaul__inspections'),
        'int_units__record': units_of_links('backhaul__inspections'),
    },
}}) }}
with inspections as (
    select
        named.unit_key,
        inspection.*
    from {{ near(ref('stg_backhaul__inspections'), documents_of_units('backhaul__inspections')) }} as inspection
    {{ join_unit('inspection', 'backhaul__inspections', 'inner') }}
    where inspection.is_current
),

weighed as (
    select *
    from inspections
    where scanned_weight_kg is not null
    qualify row_number() over (partition by unit_key order by inspected_at desc, record_key) = 1
),

latest as (
    select
        unit_key,
        grade_code,
        test_result,
        min(inspected_at) over (partition by unit_key) as first_inspected_at,
        sum(minutes) over (partition by unit_key) as labour_minutes,
        max(found_sku) over (partition by unit_key) as found_sku,
        max(damage_cause) over (partition by unit_key) as damage_cause,
        max(case when is_fraud_suspected or is_fraud_confirmed then 1 else 0 end) over (partition by unit_key) = 1
            as is_fraud_suspected,
        max(case when is_fraud_confirmed then 1 else 0 end) over (partition by unit_key) = 1 as is_fraud_confirmed,
        found_reason_code
    from inspections
    qualify row_number() over (partition by unit_key order by inspected_at desc, record_key) = 1
)

select
    latest.unit_key,
    latest.grade_code,
    latest.test_result,
    latest.first_inspected_at,
    latest.labour_minutes,
    latest.found_sku,
    latest.found_reason_code,
    latest.damage_cause,
    latest.is_fraud_suspected,
    latest.is_fraud_confirmed,
    weighed.scanned_weight_kg,
    {{ lineage_columns('weighed') }}
from latest
left join weighed on weighed.unit_key = latest.unit_key
