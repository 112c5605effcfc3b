-- The latest inspection of a unit, and the latest that weighed it.
with inspections as (
    select
        identity.unit_key,
        inspection.*
    from {{ ref('stg_backhaul__inspections') }} as inspection
    inner join {{ ref('int_units__identity') }} as identity on identity.evidence = inspection.unit_evidence
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
        min(inspected_at) over (partition by unit_key) as first_inspected_at
    from inspections
    qualify row_number() over (partition by unit_key order by inspected_at desc, record_key) = 1
)

select
    latest.unit_key,
    latest.grade_code,
    latest.test_result,
    latest.first_inspected_at,
    weighed.scanned_weight_kg,
    {{ lineage_columns('weighed') }}
from latest
left join weighed on weighed.unit_key = latest.unit_key
