-- What should become of a unit: every route of an open unit; of a closed one the route it took and the two best.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {},
}}) }}
select
    options.unit_key,
    options.disposition_code,
    options.product_category,
    options.grade_code,
    options.is_open,
    options.is_taken,
    options.age_days,
    options.evidence_level,
    options.evidence_unit_count,
    options.sold_share,
    options.price_reporting,
    options.proceeds_reporting,
    options.process_reporting,
    options.freight_reporting,
    options.holding_reporting,
    options.credit_reporting,
    options.expected_net_reporting,
    options.forbidden_by,
    options.route_rank,
    options.margin_to_next_reporting,
    case when options.is_taken then regret.regret_reporting end as regret_reporting
from {{ near(ref('int_options__unit_route')) }} as options
left join {{ near(ref('fct_unit_regret')) }} as regret on regret.unit_key = options.unit_key
