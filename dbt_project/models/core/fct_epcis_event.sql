-- Events as captured, one row per object, linked to the unit that the object is known as; an event that its source
-- declared wrong stays, marked. Most objects of a shared EPCIS repository are no returned units: they have no unit_key.
{{ config(materialized='touched', meta={'touched': {
    'key': 'epcis_event_key',
    'by': {
        'stg_backhaul__events': 'select record_key from {changes}',
        'int_units__identity': 'select epcis_event_key from core.fct_epcis_event where '
            ~ lpn_evidence('lpn') ~ ' in (select evidence from {changes}) or '
            ~ serial_evidence('serial_number') ~ ' in (select evidence from {changes})',
    },
}}) }}
select
    event.record_key as epcis_event_key,
    event.event_id,
    event.epcis_event_type,
    event.action,
    event.event_at,
    event.observed_at,
    event.epc,
    event.epc_role,
    event.epc_uri,
    event.parent_id,
    identity.unit_key,
    event.lpn,
    event.serial_number,
    event.lot_number,
    event.sku,
    event.object_quantity,
    event.unit_of_measure,
    event.epcis_biz_step,
    event.epcis_disposition,
    event.read_point,
    event.node_id,
    event.rma_id,
    event.is_declared_error,
    event.error_reason,
    {{ lineage_columns('event') }}
from {{ near(ref('stg_backhaul__events'), "record_key in {keys}") }} as event
left join {{ ref('int_units__identity') }} as identity
    on
        identity.evidence
        = coalesce({{ lpn_evidence('event.lpn') }}, {{ serial_evidence('event.serial_number') }})
where event.is_current
