-- One row per category and week since receipt: what was paid of the list price, all months together.
select
    product_category,
    week_number,
    sold_count,
    proceeds_reporting,
    list_price_reporting,
    price_rate,
    estimated_decay_rate
from marts.mart_value_decay
where $product_category is null or product_category = $product_category
order by product_category, week_number
