-- What was said and what was found, by month of receipt: reason against reason, grade and test.
select
    unit.received_month as period_month,
    coalesce(unit.product_category, 'UNKNOWN') as product_category,
    coalesce(unit.reason_code, 'UNKNOWN') as reason_code,
    coalesce(unit.found_reason_code, 'NOT_FOUND') as found_reason_code,
    coalesce(unit.grade_code, 'NONE') as grade_code,
    coalesce(unit.test_result, 'NOT_TESTED') as test_result,
    count(*) as unit_count,
    cast(
        sum(case when reason.reason_family = 'DEFECT' and unit.test_result is not null then 1 else 0 end) as bigint
    ) as defect_tested_count,
    cast(
        sum(case when reason.reason_family = 'DEFECT' and unit.test_result = 'OK' then 1 else 0 end) as bigint
    ) as no_fault_found_count
from {{ ref('fct_return_unit') }} as unit
left join {{ ref('dim_return_reason') }} as reason on reason.reason_code = unit.reason_code
where unit.received_month is not null
group by 1, 2, 3, 4, 5, 6
