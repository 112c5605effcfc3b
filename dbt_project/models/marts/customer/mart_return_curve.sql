-- How likely a unit is to be asked back by so many days after its delivery (Kaplan-Meier): a unit that was not asked
-- back counts as long as it has been out, up to the as-of date, and not as one that never will be.
with as_of as (
    select max(horizon) as as_of from {{ source('lake', 'receipt') }}
),

delivered as (
    select
        sale.sales_line_key,
        sale.quantity,
        coalesce(product.category, 'UNKNOWN') as product_category,
        {{ whole_days('sale.delivered_at', 'as_of.as_of') }} as days_out
    from {{ ref('fct_sales_line') }} as sale
    cross join as_of
    left join {{ ref('dim_product') }} as product
        on
            product.sku = sale.sku
            and product.valid_from <= cast(sale.ordered_at as date)
            and cast(sale.ordered_at as date) < product.valid_to
    where sale.delivered_at is not null
),

asked_back as (
    select
        delivered.sales_line_key,
        delivered.product_category,
        greatest({{ whole_days('unit.customer_delivered_at', 'unit.requested_at') }}, 0) as day_number
    from {{ ref('fct_return_unit') }} as unit
    inner join delivered on delivered.sales_line_key = unit.sales_line_key
    where unit.requested_at is not null
),

asked_of_line as (
    select
        sales_line_key,
        cast(count(*) as bigint) as asked_count
    from asked_back
    group by sales_line_key
),

ends as (
    select
        product_category,
        day_number,
        1 as asked_count,
        0 as censored_count
    from asked_back
    union all
    select
        delivered.product_category,
        delivered.days_out as day_number,
        0 as asked_count,
        greatest(delivered.quantity - coalesce(asked_of_line.asked_count, 0), 0) as censored_count
    from delivered
    left join asked_of_line on asked_of_line.sales_line_key = delivered.sales_line_key
    where delivered.days_out >= 0
),

grouped as (
    {% for product_category in ['ends.product_category', "'ALL'"] -%}
    select
        {{ product_category }} as product_category,
        ends.day_number,
        cast(sum(ends.asked_count) as bigint) as asked_count,
        cast(sum(ends.censored_count) as bigint) as censored_count
    from ends
    group by {{ product_category }}, ends.day_number
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

at_risk as (
    select
        *,
        cast(
            sum(asked_count + censored_count) over (
                partition by product_category
                order by day_number desc
                rows unbounded preceding
            ) as bigint
        ) as at_risk_count
    from grouped
),

survival as (
    select
        *,
        -- after the day on which all that were left were asked back, nothing survives
        case
            when min(at_risk_count - asked_count) over (
                partition by product_category
                order by day_number
                rows unbounded preceding
            ) = 0 then 0
            else
                exp(
                    sum(
                        case
                            when asked_count < at_risk_count then ln(1 - cast(asked_count as double) / at_risk_count)
                            else 0
                        end
                    )
                        over (
                            partition by product_category
                            order by day_number
                            rows unbounded preceding
                        )
                )
        end as survival
    from at_risk
    where at_risk_count > 0
)

select
    survival.product_category,
    survival.day_number,
    survival.at_risk_count,
    survival.asked_count,
    survival.censored_count,
    {{ ratio('survival.asked_count', 'survival.at_risk_count') }} as hazard_rate,
    cast(1 - survival.survival as decimal(18, 6)) as asked_back_rate,
    as_of.as_of
from survival
cross join as_of
where survival.asked_count > 0 or survival.day_number % 30 = 0
