-- One row per route that a unit can take or could have taken, the best first; reporting currency.
select
    route.disposition_code,
    case when $language = 'fr' then disposition.label_fr else disposition.label_en end as label,
    route.expected_net_reporting,
    route.proceeds_reporting,
    route.credit_reporting,
    route.process_reporting,
    route.freight_reporting,
    route.holding_reporting,
    route.forbidden_by,
    route.is_taken,
    route.route_rank,
    route.margin_to_next_reporting,
    route.evidence_level,
    route.evidence_unit_count
from marts.mart_disposition_options as route
left join core.dim_disposition as disposition on disposition.disposition_code = route.disposition_code
where route.unit_key = $unit_key
order by route.route_rank nulls last, route.expected_net_reporting desc nulls last, route.disposition_code
