-- One row per year, class, hazard, treatment and site: waste by kilogram, as GRI 306-3, 306-4 and 306-5 ask.
select
    disclosure.disclosure_year,
    disclosure.gri_306,
    disclosure.is_hazardous,
    case when $language = 'fr' then treatment.label_fr else treatment.label_en end as treatment_label,
    case when $language = 'fr' then material.label_fr else material.label_en end as material_label,
    disclosure.treatment_site,
    sum(disclosure.waste_kg) as waste_kg,
    sum(disclosure.ticketed_kg) as ticketed_kg
from marts.mart_disclosure_gri306 as disclosure
left join core.dim_treatment as treatment on treatment.treatment_code = disclosure.treatment_code
left join core.dim_material as material on material.material_code = disclosure.material_code
group by all
order by disclosure.disclosure_year desc, disclosure.gri_306, disclosure.is_hazardous, waste_kg desc
