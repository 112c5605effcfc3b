select
    inspection_id,
    lpn,
    serial_number,
    rma_id,
    rma_line,
    unit_ordinal,
    inspected_at,
    upper(grade) as grade_code,
    node_id,
    scanned_weight_kg,
    minutes,
    test_result,
    {{ unit_evidence() }} as unit_evidence,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'inspections') }}
