-- What waits at the as-of date: how long it has been in its stage, what it cost, and an estimate of what is left of that
-- at the category's loss of value since it was received (a category without a known loss keeps its value). Stock is at
-- risk of landfill when the best route left for it is disposal.
{%- set since = {
    'EXPECTED': 'coalesce(unit.authorised_at, unit.requested_at)', 'IN_TRANSIT': 'unit.first_scan_at',
    'AT_DOCK': 'unit.delivered_at', 'RECEIVED': 'unit.received_at', 'GRADED': 'unit.inspected_at',
    'DISPOSITIONED': 'unit.disposition_decided_at',
} %}
with waiting as (
    select
        unit.unit_key,
        unit.unit_status,
        coalesce(unit.node_id, 'UNKNOWN') as node_id,
        coalesce(unit.product_category, 'UNKNOWN') as product_category,
        case unit.unit_status
            {% for unit_status, clock in since.items() -%}
            when '{{ unit_status }}' then {{ clock }}
            {% endfor -%}
        end as waiting_since,
        unit.received_at,
        unit.mass_kg,
        unit.landed_cost_reporting,
        as_of.as_of
    from {{ ref('fct_return_unit') }} as unit
    cross join {{ ref('dim_as_of') }} as as_of
    inner join {{ ref('dim_unit_status') }} as status on status.unit_status = unit.unit_status and status.is_open
),

best_route as (
    select route.unit_key
    from {{ ref('mart_disposition_options') }} as route
    inner join {{ ref('dim_disposition') }} as disposition on disposition.disposition_code = route.disposition_code
    where route.route_rank = 1 and disposition.mass_class = 'DISPOSED'
),

valued as (
    select
        waiting.*,
        greatest({{ whole_days('waiting.waiting_since', 'waiting.as_of') }}, 0) as age_days,
        best_route.unit_key is not null as is_at_risk,
        cast(
            round(
                cast(waiting.landed_cost_reporting as decimal(38, 4))
                * {{ value_decay(
                    'coalesce(decay.decay_per_day, 0)',
                    'greatest(coalesce(' ~ whole_days('waiting.received_at', 'waiting.as_of') ~ ', 0), 0)'
                ) }},
                4
            ) as decimal(18, 4)
        ) as value_now_reporting
    from waiting
    left join {{ ref('dim_value_decay') }} as decay on decay.product_category = upper(waiting.product_category)
    left join best_route on best_route.unit_key = waiting.unit_key
)

select
    valued.unit_status,
    bucket.age_bucket,
    valued.node_id,
    valued.product_category,
    count(*) as unit_count,
    cast(coalesce(sum(valued.mass_kg), 0) as decimal(38, 6)) as mass_kg,
    cast(coalesce(sum(valued.landed_cost_reporting), 0) as decimal(38, 4)) as landed_cost_reporting,
    cast(coalesce(sum(valued.value_now_reporting), 0) as decimal(38, 4)) as value_now_reporting,
    cast(coalesce(sum(valued.landed_cost_reporting - valued.value_now_reporting), 0) as decimal(38, 4))
        as value_lost_reporting,
    count(valued.mass_kg) as weighed_count,
    count(valued.landed_cost_reporting) as valued_count,
    cast(sum(case when valued.is_at_risk then 1 else 0 end) as bigint) as at_risk_count,
    cast(coalesce(sum(case when valued.is_at_risk then valued.mass_kg end), 0) as decimal(38, 6)) as at_risk_kg,
    max(valued.as_of) as as_of
from valued
inner join {{ ref('dim_age_bucket') }} as bucket on valued.age_days between bucket.from_days and bucket.to_days
group by valued.unit_status, bucket.age_bucket, valued.node_id, valued.product_category
