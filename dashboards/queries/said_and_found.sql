-- One row per reason stated and grade found over the months of receipt shown, with the category applied.
select
    said.reason_code,
    said.grade_code,
    max(case when $language = 'fr' then reason.label_fr else reason.label_en end) as reason_label,
    max(case when $language = 'fr' then grade.label_fr else grade.label_en end) as grade_label,
    sum(said.unit_count) as unit_count,
    sum(said.defect_tested_count) as defect_tested_count,
    sum(said.no_fault_found_count) as no_fault_found_count,
    sum(case when said.found_reason_code <> 'NOT_FOUND' then said.unit_count else 0 end) as found_count,
    sum(
        case
            when said.found_reason_code not in ('NOT_FOUND', said.reason_code) then said.unit_count
            else 0
        end
    ) as other_found_count
from marts.mart_reason_condition as said
left join core.dim_return_reason as reason on reason.reason_code = said.reason_code
left join core.dim_condition_grade as grade on grade.grade_code = said.grade_code
where
    said.period_month between $first and $last
    and ($product_category is null or said.product_category = $product_category)
group by said.reason_code, said.grade_code
order by said.reason_code, said.grade_code
