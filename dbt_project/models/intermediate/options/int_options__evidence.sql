-- The routes of the units of a category and grade decided in a month, each with the history that speaks for it: the
-- narrowest of three levels that was long enough when the month began.
{{ config(materialized='touched', meta={'touched': {'key': 'evidence_key', 'by': 'whole'}}) }}
{%- set measures = [
    'unit_count', 'sold_share', 'price_share', 'fee_rate', 'process_reporting', 'freight_reporting', 'credit_share',
] %}
with kinds as (
    select distinct
        {{ decision_month('unit', 'as_of.as_of') }} as evidence_month,
        unit.product_category,
        unit.grade_code
    from {{ ref('fct_return_unit') }} as unit
    cross join {{ ref('dim_as_of') }} as as_of
    where unit.received_at is not null and unit.landed_cost_reporting > 0
),

holding as (
    select
        evidence_month,
        cast(sum(holding_reporting) / nullif(sum(held_days), 0) as decimal(18, 6)) as per_day_reporting
    from {{ ref('int_options__history') }}
    where evidence_level = 'OVERALL'
    group by evidence_month
)

select
    {{ evidence_key('kinds.evidence_month', 'kinds') }} as evidence_key,
    kinds.evidence_month,
    kinds.product_category,
    kinds.grade_code,
    route.disposition_code,
    route.lead_days,
    route.fee_rate as assumed_fee_rate,
    kinds.grade_code is not null and route.allowed_grades not like '%' || kinds.grade_code || '%' as is_wrong_grade,
    coalesce(disposition.circular_strategy in ('RESELL', 'REUSE', 'REFURBISH', 'REMANUFACTURE'), false) as is_reuse,
    case
        when by_grade.unit_count >= {{ var('route_evidence_units') }} then 'CATEGORY_GRADE'
        when by_category.unit_count >= {{ var('route_evidence_units') }} then 'CATEGORY'
        when overall.unit_count > 0 then 'OVERALL'
        else 'NONE'
    end as evidence_level,
    {% for column in measures -%}
    case
        when by_grade.unit_count >= {{ var('route_evidence_units') }} then by_grade.{{ column }}
        when by_category.unit_count >= {{ var('route_evidence_units') }} then by_category.{{ column }}
        else overall.{{ column }}
    end as {{ column }},
    {% endfor -%}
    coalesce(holding.per_day_reporting, 0) as holding_per_day_reporting
from kinds
cross join {{ ref('dim_route_parameter') }} as route
inner join {{ ref('dim_disposition') }} as disposition on disposition.disposition_code = route.disposition_code
left join holding on holding.evidence_month = kinds.evidence_month
left join {{ ref('int_options__history') }} as by_grade
    on
        by_grade.evidence_level = 'CATEGORY_GRADE'
        and by_grade.evidence_month = kinds.evidence_month
        and by_grade.disposition_code = route.disposition_code
        and by_grade.product_category = kinds.product_category
        and by_grade.grade_code = kinds.grade_code
left join {{ ref('int_options__history') }} as by_category
    on
        by_category.evidence_level = 'CATEGORY'
        and by_category.evidence_month = kinds.evidence_month
        and by_category.disposition_code = route.disposition_code
        and by_category.product_category = kinds.product_category
left join {{ ref('int_options__history') }} as overall
    on
        overall.evidence_level = 'OVERALL'
        and overall.evidence_month = kinds.evidence_month
        and overall.disposition_code = route.disposition_code
