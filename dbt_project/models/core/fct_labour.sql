{{ config(materialized='touched', meta={'touched': {
    'key': 'labour_key',
    'by': {
        'stg_backhaul__labour_shifts': "select record_key from {changes}",
        'fct_fx_rate': rows_of_rates('core.fct_labour', 'labour_key', 'worked_date'),
    },
}}) }}
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
from {{ near(ref('stg_backhaul__labour_shifts'), "record_key in {keys}") }} as shift
{{ join_fx('shift.currency', 'shift.worked_date') }}
where shift.is_current
