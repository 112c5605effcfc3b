-- title_en: The units that lost the most, with what happened to them
-- title_fr: Les unités qui ont perdu le plus, et ce qui leur est arrivé
select
    unit.lpn,
    product.name_en as product,
    unit.reason_code,
    unit.grade_code,
    unit.disposition_code,
    unit.cost_reporting,
    unit.write_down_reporting,
    unit.recovery_reporting - unit.sale_proceeds_reporting as credit_reporting,
    unit.fee_income_reporting,
    -- proceeds stand in the write-down, and goods given away in the costs
    coalesce(unit.cost_reporting, 0)
    + coalesce(unit.write_down_reporting, 0)
    - coalesce(unit.recovery_reporting - unit.sale_proceeds_reporting, 0)
    - coalesce(unit.fee_income_reporting, 0) as loss_reporting,
    unit.source_id,
    unit.file_sha256,
    unit.source_row
from core.fct_return_unit as unit
left join core.dim_product as product on product.product_key = unit.product_key
where unit.unit_status = 'CLOSED'
order by loss_reporting desc nulls last
limit 50
