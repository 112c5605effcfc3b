-- One row per part of the mass of a closed unit: material, treatment, class.
select
    case when $language = 'fr' then class.label_fr else class.label_en end as class_label,
    case when $language = 'fr' then material.label_fr else material.label_en end as material_label,
    case when $language = 'fr' then treatment.label_fr else treatment.label_en end as treatment_label,
    mass.mass_kg,
    coalesce(file.file_name, mass.file_sha256) as file_name,
    mass.source_row,
    mass.source_table
from core.fct_unit_mass as mass
left join core.dim_mass_class as class on class.mass_class = mass.mass_class
left join core.dim_material as material on material.material_code = mass.material_code
left join core.dim_treatment as treatment on treatment.treatment_code = mass.treatment_code
left join core.dim_source_file as file
    on file.source_id = mass.source_id and file.file_sha256 = mass.file_sha256
where mass.unit_key = $unit_key
order by mass.mass_kg desc, class_label
