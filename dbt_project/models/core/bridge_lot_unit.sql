-- Liquidation lots and their units, with the driver that a lot's proceeds and fees are shared by.
{{ config(materialized='touched', meta={'touched': {
    'key': 'lot_id',
    'by': {
        'int_allocation__object_unit': "select cost_object_id from {changes} where cost_object_kind = 'LOT'",
    },
}}) }}
select
    cost_object_id as lot_id,
    unit_key,
    unit_count,
    case when has_value then 'LOT_VALUE' else 'LOT_EQUAL' end as allocation_method,
    case when has_value then value_weight else 1 end as driver_weight,
    unit_rank
from {{ near(ref('int_allocation__object_unit'), "cost_object_id in {keys}") }}
where cost_object_kind = 'LOT'
