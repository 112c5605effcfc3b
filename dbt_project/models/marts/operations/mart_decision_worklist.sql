-- The open units whose decision brings most, with every route each could take: the {{ var('worklist_units') }} of each
-- category whose best route is expected to bring most. All that a what-if needs stands beside the routes.
with best as (
    select
        unit_key,
        row_number() over (
            partition by product_category
            order by expected_net_reporting desc, unit_key
        ) as unit_place
    from {{ ref('mart_disposition_options') }}
    where is_open and route_rank = 1
)

select
    best.unit_place,
    route.unit_key,
    unit.sku,
    unit.node_id,
    route.product_category,
    route.grade_code,
    route.age_days,
    route.disposition_code,
    route.is_taken,
    route.evidence_level,
    route.evidence_unit_count,
    route.sold_share,
    route.price_reporting,
    route.proceeds_reporting,
    route.process_reporting,
    route.freight_reporting,
    route.holding_reporting,
    route.credit_reporting,
    route.expected_net_reporting,
    route.forbidden_by,
    route.route_rank,
    route.margin_to_next_reporting,
    cast(parameter.lead_days as bigint) as lead_days,
    cast(coalesce(decay.decay_per_day, 0) as decimal(18, 6)) as decay_rate
from {{ ref('mart_disposition_options') }} as route
inner join best on best.unit_key = route.unit_key and best.unit_place <= {{ var('worklist_units') }}
inner join {{ ref('fct_return_unit') }} as unit on unit.unit_key = route.unit_key
inner join {{ ref('dim_route_parameter') }} as parameter on parameter.disposition_code = route.disposition_code
left join {{ ref('dim_value_decay') }} as decay on decay.product_category = upper(route.product_category)
