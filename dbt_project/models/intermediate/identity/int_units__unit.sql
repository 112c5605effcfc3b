-- One row per returned unit: what its return records together say of it. Times are the earliest told.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'int_units__return_record': units_of_returns(),
    },
}}) }}
with records as (
    select
        identity.unit_key,
        record.*
    from {{ near(ref('int_units__return_record'), returns_of_units()) }} as record
    inner join {{ near(ref('int_units__identity')) }} as identity on identity.evidence = record.unit_evidence
),

-- the record that speaks for the unit: the one that saw it arrive first
spoken as (
    select
        *,
        row_number() over (
            partition by unit_key
            order by received_at nulls last, observed_at desc, unit_record_key
        ) as record_rank
    from records
),

ranked as (
    select
        *,
        min(case when order_id is not null then record_rank end) over (partition by unit_key) as order_rank
    from spoken
),

-- what it leaves open, the next one that tells it says: a receipt seldom gives the reason of its authorisation
merged as (
    select
        unit_key,
        min(requested_at) as requested_at,
        min(authorised_at) as authorised_at,
        min(received_at) as received_at,
        min(refused_at) as refused_at,
        max(lpn) as lpn,
        max(serial_number) as serial_number,
        max(rma_id) as rma_id,
        max(rma_line) as rma_line,
        max(tracking_number) as tracking_number,
        max(episode_number) as episode_number,
        max(received_sku) as received_sku,
        max(lot_number) as lot_number,
        max(expiry_date) as expiry_date,
        max(duty_treatment) as duty_treatment,
        max(contract_id) as contract_id,
        max(contract_end_date) as contract_end_date,
        max(customer_key) as customer_key,
        max(damage_cause) as damage_cause,
        max(case when record_rank = order_rank then order_id end) as order_id,
        max(case when record_rank = order_rank then order_line end) as order_line,
        {% for column, untold in {
            'return_type': 'CUSTOMER_RETURN', 'reason_code': 'UNKNOWN', 'channel': 'UNKNOWN',
        }.items() -%}
        coalesce(min_by({{ column }}, record_rank) filter (where {{ column }} <> '{{ untold }}'), '{{ untold }}')
            as {{ column }},
        {% endfor -%}
        min_by(node_id, record_rank) filter (where node_id is not null) as node_id,
        max_by(grade_code, cast(observed_at as string) || unit_record_key) as source_grade_code,
        count(*) as record_count
    from ranked
    group by unit_key
)

select
    merged.unit_key,
    merged.lpn,
    merged.serial_number,
    merged.rma_id,
    merged.rma_line,
    ranked.unit_ordinal,
    merged.tracking_number,
    merged.episode_number,
    ranked.sku,
    merged.order_id,
    merged.order_line,
    merged.return_type,
    merged.reason_code,
    merged.node_id,
    merged.channel,
    merged.requested_at,
    merged.authorised_at,
    merged.received_at,
    merged.refused_at,
    merged.received_sku,
    merged.lot_number,
    merged.expiry_date,
    merged.duty_treatment,
    merged.contract_id,
    merged.contract_end_date,
    merged.customer_key,
    merged.damage_cause as source_damage_cause,
    merged.source_grade_code,
    merged.record_count,
    ranked.source_table,
    {{ lineage_columns('ranked') }}
from merged
inner join ranked on ranked.unit_key = merged.unit_key and ranked.record_rank = 1
