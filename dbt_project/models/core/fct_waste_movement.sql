-- Mass handed to a treatment, as its ticket says. A ticket counts in the mass of its unit when that unit was closed as
-- waste and its own mass is known; a ticket over a batch names no unit and stands beside them.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'int_units__record': "select record_key from {changes} where source_table = 'backhaul__waste_movements'",
        'fct_return_unit': "
            select record_key
            from core.fct_waste_movement
            where unit_key in (select unit_key from {changes})
        ",
        'dim_node': "
            select record_key
            from core.fct_waste_movement
            where operator_id in (select node_id from {changes})
        ",
    },
}}) }}
select
    {{ surrogate_key(["'backhaul__waste_movements'", 'movement.record_key']) }} as waste_movement_key,
    movement.record_key,
    movement.movement_id,
    named.unit_key,
    movement.material_code,
    movement.treatment_code,
    treatment.mass_class,
    movement.mass_kg,
    coalesce(movement.is_hazardous, regulation.is_hazardous_waste, false) as is_hazardous,
    movement.moved_at,
    movement.operator_id,
    movement.certificate_number,
    case
        when movement.operator_id is null then 'UNKNOWN'
        when node.node_id is not null and not coalesce(node_type.is_third_party, false) then 'ONSITE'
        else 'OFFSITE'
    end as treatment_site,
    coalesce(
        disposition.is_waste
        and treatment.mass_class is not null
        and unit.disposition_executed_at is not null
        and unit.mass_kg is not null,
        false
    ) as is_counted,
    'backhaul__waste_movements' as source_table,
    {{ lineage_columns('movement') }}
from {{ near(ref('stg_backhaul__waste_movements')) }} as movement
{{ join_unit('movement', 'backhaul__waste_movements') }}
left join
    {{ near(
        ref('fct_return_unit'),
        "unit_key in (select unit_key from " ~ documents_of('backhaul__waste_movements') ~ " where record_key in {keys})"
    ) }} as unit on unit.unit_key = named.unit_key
left join {{ ref('dim_disposition') }} as disposition on disposition.disposition_code = unit.disposition_code
left join {{ ref('dim_treatment') }} as treatment on treatment.treatment_code = movement.treatment_code
left join {{ ref('dim_regulation_class') }} as regulation on regulation.regulation_class = unit.regulation_class
left join {{ ref('dim_node') }} as node
    on
        node.node_id = movement.operator_id
        and cast(movement.moved_at as date) >= node.valid_from
        and cast(movement.moved_at as date) < node.valid_to
left join {{ ref('dim_node_type') }} as node_type on node_type.node_type = node.node_type
where movement.is_current
