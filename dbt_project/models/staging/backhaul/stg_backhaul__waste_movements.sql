select
    movement_id,
    lpn,
    serial_number,
    rma_id,
    rma_line,
    unit_ordinal,
    upper(material_code) as material_code,
    upper(treatment_code) as treatment_code,
    mass_kg,
    is_hazardous,
    moved_at,
    operator_id,
    certificate_number,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'waste_movements') }}
