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
    coalesce(
        {{ lpn_evidence('lpn') }},
        {{ serial_evidence('serial_number') }},
        {{ rma_evidence('rma_id', 'rma_line', 'unit_ordinal') }}
    ) as unit_evidence,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'inspections') }}
