-- Answers of customers after a return; the channel is the one of the order, else of the return, that they speak of.
with orders as (
    select
        order_id,
        min(channel) as channel
    from {{ ref('fct_sales_line') }}
    group by order_id
),

authorisations as (
    select
        rma_id,
        min(channel) as channel
    from {{ ref('fct_return_line') }}
    where rma_id is not null
    group by rma_id
)

select
    feedback.record_key as feedback_key,
    feedback.answer_id,
    feedback.order_id,
    feedback.rma_id,
    feedback.customer_key,
    coalesce(orders.channel, authorisations.channel) as channel,
    feedback.answered_at,
    feedback.survey,
    feedback.score,
    {{ lineage_columns('feedback') }}
from {{ ref('stg_backhaul__feedback') }} as feedback
left join orders on orders.order_id = feedback.order_id
left join authorisations on authorisations.rma_id = feedback.rma_id
where feedback.is_current
