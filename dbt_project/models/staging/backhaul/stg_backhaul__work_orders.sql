select
    work_order_id,
    lpn,
    serial_number,
    rma_id,
    rma_line,
    unit_ordinal,
    work_kind,
    node_id,
    started_at,
    completed_at,
    labour_minutes,
    outcome,
    output_serial_number,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'work_orders') }}
