-- What the route that a closed unit took was expected to bring less than the best route that it could have taken, by
-- what was known when it was decided. Only admissible routes with enough history are compared; a unit whose own route
-- is none of them has no row.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {},
}}) }}
with routes as (
    select * from {{ near(ref('int_options__unit_route')) }}
),

best as (
    select
        unit_key,
        disposition_code,
        expected_net_reporting
    from routes
    where route_rank = 1 and not is_open
)

select
    taken.unit_key,
    cast(date_trunc('month', taken.disposition_executed_at) as date) as disposition_month,
    taken.disposition_code,
    best.disposition_code as best_disposition_code,
    taken.expected_net_reporting,
    best.expected_net_reporting as best_expected_net_reporting,
    cast(best.expected_net_reporting - taken.expected_net_reporting as decimal(18, 4)) as regret_reporting,
    taken.evidence_level,
    taken.evidence_unit_count
from routes as taken
inner join best on best.unit_key = taken.unit_key
where taken.is_taken and taken.is_rankable and not taken.is_open
