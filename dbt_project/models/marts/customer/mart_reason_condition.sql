-- What was said and what was found, by month of receipt: reason against reason, grade and test.
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {'fct_return_unit': "select received_month from {changes}"},
}}) }}
{%- set groups = [
    'period_month', 'product_category', 'reason_code', 'found_reason_code', 'grade_code', 'test_result',
] %}
with unit as (
    select
        unit.received_month as period_month,
        coalesce(unit.product_category, 'UNKNOWN') as product_category,
        coalesce(unit.reason_code, 'UNKNOWN') as reason_code,
        coalesce(unit.found_reason_code, 'NOT_FOUND') as found_reason_code,
        coalesce(unit.grade_code, 'NONE') as grade_code,
        coalesce(unit.test_result, 'NOT_TESTED') as test_result,
        unit.row_change as unit_count,
        case when reason.reason_family = 'DEFECT' and unit.test_result is not null then unit.row_change else 0 end
            as defect_tested_count,
        case when reason.reason_family = 'DEFECT' and unit.test_result = 'OK' then unit.row_change else 0 end
            as no_fault_found_count
    from {{ changes_of(ref('fct_return_unit')) }} as unit
    left join {{ ref('dim_return_reason') }} as reason on reason.reason_code = unit.reason_code
    where unit.received_month is not null
)

select *
from
    {{ carried_on('unit', groups, {
        'unit_count': 'bigint', 'defect_tested_count': 'bigint', 'no_fault_found_count': 'bigint',
    }) }} as summed
where unit_count > 0
