-- One row per route of the open units whose best route brings most, with the category applied; the routes of a unit, the
-- best first. No more units than are asked for.
with best as (
    select
        unit_key,
        expected_net_reporting
    from marts.mart_decision_worklist
    where route_rank = 1 and ($product_category is null or product_category = $product_category)
    order by expected_net_reporting desc, unit_key
    limit $unit_limit
)

select
    route.unit_key,
    route.sku,
    route.node_id,
    route.product_category,
    case when $language = 'fr' then grade.label_fr else grade.label_en end as grade_label,
    route.age_days,
    route.disposition_code,
    case when $language = 'fr' then disposition.label_fr else disposition.label_en end as label,
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
    route.lead_days,
    route.decay_rate
from best
inner join marts.mart_decision_worklist as route on route.unit_key = best.unit_key
inner join core.dim_disposition as disposition on disposition.disposition_code = route.disposition_code
left join core.dim_condition_grade as grade on grade.grade_code = route.grade_code
order by best.expected_net_reporting desc, route.unit_key, route.route_rank nulls last, route.disposition_code
