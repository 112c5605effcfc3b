-- One row per category and day since delivery: the share of units asked back by then, all months together.
select
    product_category,
    day_number,
    at_risk_count,
    asked_count,
    asked_back_rate
from marts.mart_return_curve
where
    $product_category is null
    or product_category = $product_category
order by product_category, day_number
