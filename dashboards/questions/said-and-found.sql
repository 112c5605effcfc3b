-- title_en: What customers said against what inspection found
-- title_fr: Ce que les clients ont dit et ce que l’inspection a constaté
-- chart: bar said unit_count found
select
    said.label_en as said,
    coalesce(found.label_en, mart.found_reason_code) as found,
    sum(mart.unit_count) as unit_count,
    sum(mart.no_fault_found_count) as no_fault_found_count
from marts.mart_reason_condition as mart
inner join core.dim_return_reason as said on said.reason_code = mart.reason_code
left join core.dim_return_reason as found on found.reason_code = mart.found_reason_code
group by all
order by unit_count desc
