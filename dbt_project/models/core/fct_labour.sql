select
    shift.record_key as labour_key,
    shift.worked_date,
    shift.node_id,
    shift.activity,
    shift.is_temporary,
    shift.paid_minutes,
    shift.worked_minutes,
    shift.unit_count,
    shift.paid_amount as wage_amount,
    shift.currency,
    {{ reporting_amount('shift.paid_amount', 'shift.currency') }} as wage_reporting,
    {{ lineage_columns('shift') }}
from {{ ref('stg_backhaul__labour_shifts') }} as shift
{{ join_fx('shift.currency', 'shift.worked_date') }}
where shift.is_current
