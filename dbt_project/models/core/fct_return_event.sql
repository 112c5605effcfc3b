-- What happened to each unit, from every record that says so, in EPCIS terms. Events are never updated: a record's
-- current version stands, its earlier ones stay in staging.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'int_units__return_record': units_of_returns(),
        'int_parcels__tracked': "
            select unit_key
            from core.bridge_shipment_unit
            where tracking_number in (select tracking_number from {changes})
        ",
        'stg_backhaul__inspections': units_of_documents('backhaul__inspections'),
        'stg_backhaul__dispositions': units_of_documents('backhaul__dispositions'),
        'stg_backhaul__refunds': units_of_documents('backhaul__refunds'),
        'stg_backhaul__recoveries': units_of_documents('backhaul__recoveries'),
    },
}}) }}
with return_records as (
    select
        identity.unit_key,
        record.*
    from {{ near(ref('int_units__return_record'), returns_of_units()) }} as record
    inner join {{ near(ref('int_units__identity')) }} as identity on identity.evidence = record.unit_evidence
),

scans as (
    select
        bridge.unit_key,
        parcel.*
    from
        {{ near(
            ref('int_parcels__tracked'),
            "tracking_number in (select tracking_number from core.bridge_shipment_unit where unit_key in {keys})"
        ) }} as parcel
    inner join {{ near(ref('bridge_shipment_unit')) }} as bridge on bridge.tracking_number = parcel.tracking_number
),

native_events as (
    {% for event_type, table, clock, node in [
        ('INSPECTED', 'inspections', 'inspected_at', 'node_id'),
        ('DISPOSITION_DECIDED', 'dispositions', 'decided_at', 'node_id'),
        ('DISPOSITION_EXECUTED', 'dispositions', 'executed_at', 'node_id'),
        ('REFUNDED', 'refunds', 'refunded_at', 'cast(null as string)'),
        ('RECOVERED', 'recoveries', 'recovered_at', 'cast(null as string)'),
    ] -%}
    select
        named.unit_key,
        '{{ event_type }}' as event_type,
        record.{{ clock }} as event_at,
        record.observed_at,
        {{ node }},
        'backhaul__{{ table }}' as source_table,
        record.record_key,
        {{ lineage_columns('record') }}
    from {{ near(ref('stg_backhaul__' ~ table), documents_of_units('backhaul__' ~ table)) }} as record
    {{ join_unit('record', 'backhaul__' ~ table, 'inner') }}
    where record.is_current and record.{{ clock }} is not null
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

events as (
    {% for event_type, clock in {
        'REQUESTED': 'requested_at',
        'AUTHORISED': 'authorised_at',
        'RECEIVED': 'received_at',
    }.items() -%}
    select
        unit_key,
        '{{ event_type }}' as event_type,
        {{ clock }} as event_at,
        observed_at,
        node_id,
        source_table,
        unit_record_key as record_key,
        source_id,
        file_sha256,
        source_row
    from return_records
    where {{ clock }} is not null
    union all
    {% endfor -%}
    -- a marketplace status tells the route in the same row as the receipt
    select
        unit_key,
        'DISPOSITION_EXECUTED' as event_type,
        received_at as event_at,
        observed_at,
        node_id,
        source_table,
        unit_record_key as record_key,
        source_id,
        file_sha256,
        source_row
    from return_records
    where fba_disposition_code is not null
    union all
    {% for event_type, clock in {'FIRST_SCAN': 'first_scan_at', 'DELIVERED': 'delivered_at'}.items() -%}
    select
        unit_key,
        '{{ event_type }}' as event_type,
        {{ clock }} as event_at,
        {{ clock }} as observed_at,
        cast(null as string) as node_id,
        source_table,
        {{ surrogate_key(['tracking_number']) }} as record_key,
        source_id,
        file_sha256,
        source_row
    from scans
    where {{ clock }} is not null
    union all
    {% endfor -%}
    select * from native_events
)

select
    {{ surrogate_key(['events.unit_key', 'events.event_type', 'events.source_table', 'events.record_key']) }}
        as return_event_key,
    events.unit_key,
    events.event_type,
    event_type.epcis_biz_step,
    event_type.epcis_disposition,
    events.event_at,
    events.observed_at,
    events.node_id,
    events.source_table,
    events.source_id,
    events.file_sha256,
    events.source_row
from events
left join {{ ref('dim_event_type') }} as event_type on event_type.event_type = events.event_type
