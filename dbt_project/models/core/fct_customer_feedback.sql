-- Answers of customers after a return; the channel is the one of the order, else of the return, that they speak of.
{{ config(materialized='touched', meta={'touched': {
    'key': 'feedback_key',
    'by': {
        'stg_backhaul__feedback': "select record_key from {changes}",
        'fct_sales_line': "
            select feedback_key
            from core.fct_customer_feedback
            where order_id in (select order_id from {changes})
        ",
        'fct_return_line': "
            select feedback_key
            from core.fct_customer_feedback
            where rma_id in (select rma_id from {changes})
        ",
    },
}}) }}
with orders as (
    select
        order_id,
        min(channel) as channel
    from
        {{ near(
            ref('fct_sales_line'),
            "order_id in (select order_id from staging.stg_backhaul__feedback where record_key in {keys})"
        ) }}
    group by order_id
),

authorisations as (
    select
        rma_id,
        min(channel) as channel
    from
        {{ near(
            ref('fct_return_line'),
            "rma_id in (select rma_id from staging.stg_backhaul__feedback where record_key in {keys})"
        ) }}
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
from {{ near(ref('stg_backhaul__feedback'), "record_key in {keys}") }} as feedback
left join orders on orders.order_id = feedback.order_id
left join authorisations on authorisations.rma_id = feedback.rma_id
where feedback.is_current
