-- One row: the unit asked for, with what it is called and where it was told first.
select
    unit.*,
    case when $language = 'fr' then product.name_fr else product.name_en end as product_name,
    case when $language = 'fr' then return_type.label_fr else return_type.label_en end as return_type_label,
    case when $language = 'fr' then reason.label_fr else reason.label_en end as reason_label,
    case when $language = 'fr' then grade.label_fr else grade.label_en end as grade_label,
    case when $language = 'fr' then status.label_fr else status.label_en end as status_label,
    case when $language = 'fr' then disposition.label_fr else disposition.label_en end as disposition_label
from core.fct_return_unit as unit
left join core.dim_product as product on product.product_key = unit.product_key
left join core.dim_return_type as return_type on return_type.return_type = unit.return_type
left join core.dim_return_reason as reason on reason.reason_code = unit.reason_code
left join core.dim_condition_grade as grade on grade.grade_code = unit.grade_code
left join core.dim_unit_status as status on status.unit_status = unit.unit_status
left join core.dim_disposition as disposition on disposition.disposition_code = unit.disposition_code
where unit.unit_key = try_cast($unit_key as uuid)
