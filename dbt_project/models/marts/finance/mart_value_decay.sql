-- What age takes off the price: resale proceeds on list price by week since receipt, and the loss a day fitted through
-- its logarithm (an estimate; nothing is fitted on fewer than thirty sales).
with sold as (
    select
        coalesce(product_category, 'UNKNOWN') as product_category,
        greatest({{ whole_days('received_at', 'sold_at') }}, 0) as age_days,
        -- rounded before it is summed, so that the sums do not depend on their order
        cast(ln(cast(sale_proceeds_reporting as double) / list_price_reporting) as decimal(18, 8)) as log_price,
        sale_proceeds_reporting,
        list_price_reporting
    from {{ ref('fct_return_unit') }}
    where
        received_at is not null
        and sold_at is not null
        and sale_proceeds_reporting > 0
        and list_price_reporting > 0
),

sums as (
    select
        product_category,
        count(*) as fitted_count,
        cast(sum(age_days) as double) as x,
        cast(sum(log_price) as double) as y,
        cast(sum(age_days * log_price) as double) as xy,
        cast(sum(age_days * age_days) as double) as xx
    from sold
    group by product_category
),

-- least squares
fitted as (
    select
        product_category,
        fitted_count,
        -(fitted_count * xy - x * y) / nullif(fitted_count * xx - x * x, 0) as decay_per_day
    from sums
),

weeks as (
    select
        product_category,
        {{ integer_divide('age_days', '7') }} as week_number,
        count(*) as sold_count,
        cast(sum(sale_proceeds_reporting) as decimal(38, 4)) as proceeds_reporting,
        cast(sum(list_price_reporting) as decimal(38, 4)) as list_price_reporting
    from sold
    group by product_category, {{ integer_divide('age_days', '7') }}
)

select
    weeks.product_category,
    weeks.week_number,
    weeks.sold_count,
    weeks.proceeds_reporting,
    weeks.list_price_reporting,
    {{ ratio('weeks.proceeds_reporting', 'weeks.list_price_reporting') }} as price_rate,
    fitted.fitted_count,
    case when fitted.fitted_count >= 30 then cast(fitted.decay_per_day as decimal(18, 8)) end as estimated_decay_rate
from weeks
inner join fitted on fitted.product_category = weeks.product_category
