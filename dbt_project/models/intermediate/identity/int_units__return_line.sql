-- Return lines as they stand. Of a source of messages, what the last message of a line leaves open is what the last one
-- before it told, back to where its source took the line back.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'int_units__message_source': "
            select record_key
            from staging.stg_backhaul__returns
            where source_id in (select source_id from {changes})
        ",
    },
}}) }}
{%- set told_by_any = [
    'source_reason', 'order_id', 'order_line', 'lpn', 'serial_number', 'tracking_number', 'requested_at', 'authorised_at',
    'received_at', 'node_id', 'channel', 'net_amount', 'currency', 'received_quantity', 'received_sku', 'lot_number',
    'expiry_date', 'refused_at', 'duty_treatment', 'contract_id', 'contract_end_date', 'customer_key',
] %}
with messages as (
    select
        returns.*,
        row_number() over (
            partition by returns.record_key
            order by returns.observed_at, returns.content_hash, returns.file_sha256 desc, returns.source_row desc
        ) as telling,
        max(case when returns.is_withdrawn then returns.observed_at end) over (partition by returns.record_key)
            as withdrawn_at
    from {{ near(ref('stg_backhaul__returns')) }} as returns
    inner join {{ ref('int_units__message_source') }} as message_source
        on message_source.source_id = returns.source_id
),

gathered as (
    select
        record_key,
        {% for column in told_by_any -%}
        max_by({{ column }}, telling) filter (where {{ column }} is not null) as {{ column }},
        {% endfor -%}
        max_by(return_type, telling) filter (where return_type <> 'CUSTOMER_RETURN') as return_type
    from messages
    where not is_withdrawn and (withdrawn_at is null or observed_at > withdrawn_at)
    group by record_key
    having count(*) > 1
)

select
    line.rma_id,
    line.rma_line,
    line.quantity,
    line.sku,
    line.line_class,
    coalesce(nullif(line.return_type, 'CUSTOMER_RETURN'), gathered.return_type, 'CUSTOMER_RETURN') as return_type,
    {% for column in told_by_any -%}
    coalesce(line.{{ column }}, gathered.{{ column }}) as {{ column }},
    {% endfor -%}
    line.record_key,
    line.observed_at,
    {{ lineage_columns('line') }}
from {{ near(ref('stg_backhaul__returns')) }} as line
left join gathered on gathered.record_key = line.record_key
where line.is_current
