-- Serial numbers that came back more than once: a return that was opened after the last one was received is a new
-- unit. One row per serial number and authorisation, with the number of the unit it speaks of.
{{ config(materialized='touched', meta={'touched': {
    'key': 'serial_evidence',
    'by': {
        'int_units__return_line': 'select ' ~ serial_evidence('serial_number') ~ ' from {changes}',
    },
}}) }}
with lines as (
    select
        {{ serial_evidence('serial_number') }} as serial_evidence,
        rma_id,
        min(coalesce(requested_at, authorised_at, received_at)) as opened_at,
        min(received_at) as received_at
    from {{ near(ref('int_units__return_line'), serial_evidence('serial_number') ~ ' in {keys}') }}
    where line_class = 'GOODS' and quantity = 1 and serial_number is not null
    group by 1, 2
),

marked as (
    select
        *,
        case
            when
                opened_at > max(received_at) over (
                    partition by serial_evidence
                    order by opened_at, rma_id
                    rows between unbounded preceding and 1 preceding
                )
                then 1
            else 0
        end as is_new
    from lines
),

numbered as (
    select
        serial_evidence,
        rma_id,
        opened_at,
        cast(
            1 + sum(is_new) over (
                partition by serial_evidence
                order by opened_at, rma_id
                rows unbounded preceding
            ) as bigint
        ) as episode_number
    from marked
)

select
    *,
    min(opened_at) over (partition by serial_evidence, episode_number) as episode_opened_at
from numbered
qualify max(episode_number) over (partition by serial_evidence) > 1
