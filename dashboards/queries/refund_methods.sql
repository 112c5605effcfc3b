-- One row per way of refunding over the months shown, with the filters applied; reporting currency.
select
    component as method,
    sum(amount) as refunded_reporting,
    cast(sum(row_count) as bigint) as refund_count
from core.fct_measure_month
where
    measure_code = 'REFUND_VALUE'
    and period_month between $first and $last
    and ($channel is null or channel = $channel)
    and ($product_category is null or product_category = $product_category)
    and ($node_id is null or node_id = $node_id)
    and ($carrier is null or carrier = $carrier)
    and ($return_type is null or return_type = $return_type)
group by component
order by refunded_reporting desc, method
