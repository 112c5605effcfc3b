-- One row per code that a component of a metric can be, with its words; where two lists know a code, the first counts.
with told as (
    select 1 as place, category_code as component, label_en, label_fr from core.dim_cost_category
    union all
    select 2, disposition_code, label_en, label_fr from core.dim_disposition
    union all
    select 3, mass_class, label_en, label_fr from core.dim_mass_class
    union all
    select 4, reason_code, label_en, label_fr from core.dim_return_reason
    union all
    select 5, grade_code, label_en, label_fr from core.dim_condition_grade
    union all
    select 6, charge_class, label_en, label_fr from core.dim_charge_class
    union all
    select 7, return_type, label_en, label_fr from core.dim_return_type
    union all
    select 8, material_code, label_en, label_fr from core.dim_material
)

select
    component,
    arg_min(case when $language = 'fr' then label_fr else label_en end, place) as label
from told
group by component
order by component
