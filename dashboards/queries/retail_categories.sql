-- One row per category, with the category applied: the share asked back by some days since delivery, and how many of its
-- products are better left to the customer.
with asked as (
    select
        product_category,
        max(asked_back_rate) filter (where day_number <= 14) as by_14_days,
        max(asked_back_rate) filter (where day_number <= 30) as by_30_days,
        max(asked_back_rate) filter (where day_number <= 60) as by_60_days
    from marts.mart_return_curve
    where product_category <> 'ALL'
    group by product_category
),

kept as (
    select
        product_category,
        count(*) as product_count,
        count(*) filter (where is_keep_it_better) as kept_count
    from marts.mart_keep_it_threshold
    where product_category is not null
    group by product_category
)

select
    coalesce(asked.product_category, kept.product_category) as category,
    asked.by_14_days,
    asked.by_30_days,
    asked.by_60_days,
    kept.product_count,
    kept.kept_count
from asked
full outer join kept on kept.product_category = asked.product_category
where $product_category is null or coalesce(asked.product_category, kept.product_category) = $product_category
order by category
