-- One row per unit that a return record speaks of: quantity rows become units with deterministic ordinals.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'int_units__return_line': "
            select record_key from {changes}
            union
            select record_key
            from intermediate.int_units__return_line
            where rma_id in (select rma_id from {changes})
        ",
        'int_units__serial_episode': 'select record_key from intermediate.int_units__return_line where '
            ~ serial_evidence('serial_number')
            ~ ' in (select serial_evidence from {changes})',
        'int_units__contested_rma': "
            select record_key
            from intermediate.int_units__return_line
            where rma_id in (select rma_id from {changes})
        ",
    },
}}) }}
with fba as (
    select
        'amazon_fba_returns__customer_returns' as source_table,
        fba.record_key,
        ordinals.unit_ordinal,
        {{ lpn_evidence('fba.lpn') }}
        || case when ordinals.unit_ordinal > 1 then '#' || cast(ordinals.unit_ordinal as string) else '' end
            as lpn_evidence,
        cast(null as string) as serial_evidence,
        case when fba.lpn is null then 'row:' || fba.record_key || '#' || cast(ordinals.unit_ordinal as string) end
            as rma_evidence,
        fba.lpn,
        cast(null as string) as serial_number,
        cast(null as bigint) as episode_number,
        cast(null as string) as rma_id,
        cast(null as string) as rma_line,
        fba.sku,
        fba.order_id,
        cast(null as string) as order_line,
        'CUSTOMER_RETURN' as return_type,
        coalesce(reason.reason_code, 'UNKNOWN') as reason_code,
        cast(null as string) as tracking_number,
        cast(null as timestamp) as requested_at,
        cast(null as timestamp) as authorised_at,
        fba.returned_at as received_at,
        fba.node_id,
        'AMAZON_FBA' as channel,
        condition.grade_code,
        condition.damage_cause,
        fba_status.disposition_code as fba_disposition_code,
        cast(null as string) as received_sku,
        cast(null as timestamp) as refused_at,
        cast(null as string) as lot_number,
        cast(null as date) as expiry_date,
        cast(null as string) as duty_treatment,
        cast(null as string) as contract_id,
        cast(null as date) as contract_end_date,
        cast(null as string) as customer_key,
        fba.observed_at,
        {{ lineage_columns('fba') }}
    from {{ near(ref('stg_amazon_fba_returns__customer_returns')) }} as fba
    left join {{ ref('map_reason') }} as reason
        on reason.source_kind = 'amazon_fba_returns' and reason.source_reason = fba.reason_token
    left join {{ ref('map_fba_condition') }} as condition
        on condition.detailed_disposition = fba.detailed_disposition
    left join {{ ref('map_fba_status') }} as fba_status
        on lower(fba_status.status) = lower(trim(fba.status))
    {{ explode_ordinals('fba.quantity') }}
    where fba.is_current
),

native_lines as (
    select
        *,
        count(*) over (partition by rma_id, source_id) as line_count
    from
        {{ near(
            ref('int_units__return_line'),
            [
                'record_key in {keys}',
                'rma_id in (select rma_id from intermediate.int_units__return_line where record_key in {keys})',
            ]
        ) }}
    where line_class = 'GOODS'
),

native as (
    select
        'backhaul__returns' as source_table,
        returns.record_key,
        ordinals.unit_ordinal,
        case when returns.quantity = 1 then {{ lpn_evidence('returns.lpn') }} end as lpn_evidence,
        case
            when returns.quantity = 1
                then {{ episode_evidence(serial_evidence('returns.serial_number'), 'episode.episode_number') }}
        end as serial_evidence,
        -- without a number the only line of an authorisation is its first; of several, the record stands for the line
        {{ rma_evidence(
            scoped_rma('returns.rma_id', 'contested.rma_scope'),
            "coalesce(returns.rma_line, case when returns.line_count = 1 then '1' else cast(returns.record_key as string) end)",
            'ordinals.unit_ordinal'
        ) }} as rma_evidence,
        returns.lpn,
        returns.serial_number,
        episode.episode_number,
        returns.rma_id,
        returns.rma_line,
        returns.sku,
        returns.order_id,
        returns.order_line,
        returns.return_type,
        coalesce(canonical.reason_code, reason.reason_code, 'UNKNOWN') as reason_code,
        returns.tracking_number,
        -- what came beyond the line was not asked for
        case when ordinals.unit_ordinal <= returns.quantity then returns.requested_at end as requested_at,
        case when ordinals.unit_ordinal <= returns.quantity then returns.authorised_at end as authorised_at,
        -- of a line that arrived in part, the first units arrived
        case
            when ordinals.unit_ordinal <= coalesce(returns.received_quantity, returns.quantity) then returns.received_at
        end as received_at,
        returns.node_id,
        coalesce(returns.channel, 'UNKNOWN') as channel,
        cast(null as string) as grade_code,
        cast(null as string) as damage_cause,
        cast(null as string) as fba_disposition_code,
        returns.received_sku,
        returns.refused_at,
        returns.lot_number,
        returns.expiry_date,
        returns.duty_treatment,
        returns.contract_id,
        returns.contract_end_date,
        returns.customer_key,
        returns.observed_at,
        {{ lineage_columns('returns') }}
    from native_lines as returns
    left join {{ ref('dim_return_reason') }} as canonical
        on canonical.reason_code = upper(returns.source_reason)
    left join {{ ref('map_reason') }} as reason
        on reason.source_kind = 'backhaul' and reason.source_reason = upper(returns.source_reason)
    left join {{ ref('int_units__contested_rma') }} as contested
        on contested.rma_id = returns.rma_id and contested.source_id = returns.source_id
    left join {{ ref('int_units__serial_episode') }} as episode
        on
            episode.serial_evidence = {{ serial_evidence('returns.serial_number') }}
            and episode.rma_id = returns.rma_id
    {{ explode_ordinals('greatest(returns.quantity, coalesce(returns.received_quantity, 0))') }}
),

records as (
    select * from fba
    union all
    select * from native
)

select
    {{ surrogate_key(['source_table', 'record_key', 'cast(unit_ordinal as string)']) }} as unit_record_key,
    coalesce(lpn_evidence, serial_evidence, rma_evidence) as unit_evidence,
    *
from records
