-- Under which price a product is better left to the customer: where taking it back is expected to bring less than it
-- costs. Per SKU, over its received units: what the best admissible route brings, less inbound freight, receiving,
-- inspection and duty. The cost is that of the SKU, or of its category while its own history is short. What law or
-- safety binds is never left with a customer: regulated goods and recalled ones.
with units as (
    select * from {{ ref('int_options__best') }}
),

categories as (
    select
        product_category,
        sum(inbound_reporting) / count(*) as inbound_reporting
    from units
    group by product_category
),

skus as (
    select
        units.sku,
        units.product_category,
        cast(count(*) as bigint) as unit_count,
        cast(sum(units.unit_price_reporting) / count(*) as decimal(18, 4)) as unit_price_reporting,
        cast(sum(units.value_reporting) / count(*) as decimal(18, 4)) as value_reporting,
        cast(sum(units.value_reporting) / sum(units.unit_price_reporting) as decimal(18, 6)) as value_share,
        cast(sum(units.route_cost_reporting) / count(*) as decimal(18, 4)) as route_cost_reporting,
        cast(
            case
                when count(*) >= {{ var('route_evidence_units') }} then sum(units.inbound_reporting) / count(*)
                else min(categories.inbound_reporting)
            end as decimal(18, 4)
        ) as inbound_reporting,
        case when count(*) >= {{ var('route_evidence_units') }} then 'SKU' else 'CATEGORY' end as evidence_level,
        case
            when count(case when units.is_recalled then 1 end) > 0 then 'RECALL'
            else max(units.regulation_class)
        end as forbidden_by
    from units
    inner join categories on categories.product_category is not distinct from units.product_category
    group by units.sku, units.product_category
),

netted as (
    select
        *,
        cast({{ var('keep_it_abuse_cost') }} as decimal(18, 4)) as abuse_cost_reporting,
        cast(value_reporting - route_cost_reporting - inbound_reporting as decimal(18, 4)) as take_back_net_reporting
    from skus
)

select
    sku,
    product_category,
    unit_count,
    evidence_level,
    unit_price_reporting,
    value_reporting,
    value_share,
    route_cost_reporting,
    inbound_reporting,
    abuse_cost_reporting,
    take_back_net_reporting,
    forbidden_by,
    forbidden_by is null and take_back_net_reporting < -abuse_cost_reporting as is_keep_it_better,
    -- the price at which taking back breaks even; none where the goods bring nothing at any price
    case
        when value_share > 0
            then cast(
                greatest(route_cost_reporting + inbound_reporting - abuse_cost_reporting, 0) / value_share
                as decimal(18, 4)
            )
    end as break_even_price_reporting
from netted
