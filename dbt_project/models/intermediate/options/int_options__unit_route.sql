-- Every received unit of known landed cost by the routes it could take or could have taken: what the route was expected
-- to bring, net, from the day of the decision, by what was known when its month began; which rule forbids it; and its
-- place among the admissible ones. An undecided unit is decided on the as-of day. An open one has every route; a closed
-- one the route it took and the two best. A route whose history is too short even overall is shown and not ranked.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'dim_as_of': "
            select unit_key
            from core.fct_return_unit
            where received_at is not null and disposition_decided_at is null
        ",
        'int_options__evidence': "
            select unit.unit_key
            from core.fct_return_unit as unit
            cross join core.dim_as_of as as_of
            where
                " ~ decision_month('unit', 'as_of.as_of') ~ " in (select evidence_month from {changes})
                and " ~ evidence_key(decision_month('unit', 'as_of.as_of'), 'unit') ~ " in (
                    select evidence_key from {changes}
                )
        ",
    },
}}) }}
{%- set measures = [
    'unit_count', 'sold_share', 'price_share', 'fee_rate', 'process_reporting', 'freight_reporting', 'credit_share',
] %}
with units as (
    select
        unit.unit_key,
        unit.sku,
        unit.product_category,
        unit.grade_code,
        unit.disposition_code as taken_code,
        unit.disposition_executed_at is null as is_open,
        unit.disposition_executed_at,
        unit.landed_cost_reporting,
        unit.vendor_id,
        unit.is_vendor_eligible,
        unit.is_resale_allowed,
        coalesce(unit.return_type = 'RECALL' or unit.grade_code = 'R', false) as is_recalled,
        coalesce(
            unit.grade_code = 'X'
            or unit.expiry_date < cast(coalesce(unit.disposition_decided_at, as_of.as_of) as date),
            false
        ) as is_expired,
        greatest(
            {{ whole_days('unit.received_at', 'coalesce(unit.disposition_decided_at, as_of.as_of)') }}, 0
        ) as age_days,
        coalesce(decay.decay_per_day, 0) as decay_per_day,
        {{ evidence_key(decision_month('unit', 'as_of.as_of'), 'unit') }} as evidence_key
    from {{ near(ref('fct_return_unit')) }} as unit
    cross join {{ ref('dim_as_of') }} as as_of
    left join {{ ref('dim_value_decay') }} as decay on decay.product_category = upper(unit.product_category)
    where unit.received_at is not null and unit.landed_cost_reporting > 0
),

ruled as (
    select
        units.unit_key,
        units.sku,
        units.product_category,
        units.grade_code,
        units.taken_code,
        units.is_open,
        units.disposition_executed_at,
        units.landed_cost_reporting,
        units.age_days,
        units.decay_per_day,
        evidence.disposition_code,
        evidence.lead_days,
        evidence.assumed_fee_rate,
        evidence.evidence_level,
        {% for column in measures -%}
        evidence.{{ column }},
        {% endfor -%}
        evidence.holding_per_day_reporting,
        case
            when units.is_recalled and evidence.is_reuse then 'RECALL'
            when units.is_expired and evidence.is_reuse then 'EXPIRED'
            when not units.is_resale_allowed and evidence.is_reuse then 'RESALE_NOT_ALLOWED'
            when
                evidence.disposition_code = 'RETURN_TO_VENDOR'
                and units.vendor_id is not null
                and not units.is_vendor_eligible
                then 'VENDOR_TERMS'
            when evidence.is_wrong_grade then 'GRADE'
        end as forbidden_by
    from units
    inner join {{ ref('int_options__evidence') }} as evidence on evidence.evidence_key = units.evidence_key
),

-- a closed unit needs the routes that could have been ranked, and its own
candidates as (
    select
        *,
        coalesce(unit_count >= {{ var('route_evidence_units') }}, false) and forbidden_by is null as is_rankable
    from ruled
    where
        is_open
        or disposition_code = taken_code
        or (unit_count >= {{ var('route_evidence_units') }} and forbidden_by is null)
),

priced as (
    select
        candidates.*,
        cast(
            cast(candidates.landed_cost_reporting * coalesce(candidates.price_share, 0) as decimal(18, 4))
            * {{ value_decay('candidates.decay_per_day', '(candidates.age_days + candidates.lead_days)') }}
            as decimal(18, 4)
        ) as price_reporting,
        cast(candidates.holding_per_day_reporting * candidates.lead_days as decimal(18, 4)) as holding_reporting,
        cast(candidates.landed_cost_reporting * candidates.credit_share as decimal(18, 4)) as credit_reporting
    from candidates
),

netted as (
    select
        priced.*,
        cast(
            cast(price_reporting * sold_share as decimal(18, 6)) * (1 - coalesce(fee_rate, assumed_fee_rate))
            as decimal(18, 4)
        ) as proceeds_reporting
    from priced
),

expected as (
    select
        netted.*,
        case
            when evidence_level <> 'NONE'
                then cast(
                    proceeds_reporting - process_reporting - freight_reporting - holding_reporting + credit_reporting
                    as decimal(18, 4)
                )
        end as expected_net_reporting
    from netted
),

ranked as (
    select
        *,
        row_number() over (
            partition by unit_key, is_rankable
            order by expected_net_reporting desc, disposition_code
        ) as place,
        lead(expected_net_reporting) over (
            partition by unit_key, is_rankable
            order by expected_net_reporting desc, disposition_code
        ) as next_net_reporting
    from expected
)

select
    unit_key,
    sku,
    product_category,
    grade_code,
    is_open,
    disposition_executed_at,
    disposition_code,
    coalesce(disposition_code = taken_code, false) as is_taken,
    landed_cost_reporting,
    age_days,
    evidence_level,
    cast(coalesce(unit_count, 0) as bigint) as evidence_unit_count,
    sold_share,
    price_reporting,
    proceeds_reporting,
    process_reporting,
    freight_reporting,
    holding_reporting,
    credit_reporting,
    expected_net_reporting,
    forbidden_by,
    is_rankable,
    case when is_rankable then cast(place as bigint) end as route_rank,
    case when is_rankable then cast(expected_net_reporting - next_net_reporting as decimal(18, 4)) end
        as margin_to_next_reporting
from ranked
where is_open or disposition_code = taken_code or (is_rankable and place <= 2)
