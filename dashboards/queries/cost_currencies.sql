-- One row per currency in which the costs of the units received were billed: amounts before and now, with the filters.
select
    currency,
    coalesce(sum(cost_amount) filter (where period_month between $first and $last), 0) as billed,
    coalesce(sum(cost_reporting) filter (where period_month between $first and $last), 0) as reported,
    coalesce(sum(cost_amount) filter (where period_month between $before_first and $before_last), 0) as billed_before,
    coalesce(sum(cost_reporting) filter (where period_month between $before_first and $before_last), 0)
        as reported_before
from marts.mart_cost_currency
where
    ($channel is null or channel = $channel)
    and ($product_category is null or product_category = $product_category)
    and ($node_id is null or node_id = $node_id)
    and ($carrier is null or carrier = $carrier)
    and ($return_type is null or return_type = $return_type)
group by currency
order by currency
