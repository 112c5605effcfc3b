-- One row per boundary, factor edition and treatment over the months shown: kilograms treated and CO2e.
select
    carbon.boundary,
    carbon.factor_set,
    case when $language = 'fr' then factor_set.label_fr else factor_set.label_en end as factor_set_label,
    carbon.edition,
    case when $language = 'fr' then treatment.label_fr else treatment.label_en end as treatment_label,
    sum(carbon.mass_kg) as mass_kg,
    sum(carbon.proxy_mass_kg) as proxy_mass_kg,
    sum(carbon.co2e_kg) as co2e_kg
from marts.mart_waste_carbon as carbon
left join core.dim_factor_set as factor_set on factor_set.factor_set = carbon.factor_set
left join core.dim_treatment as treatment on treatment.treatment_code = carbon.treatment_code
where carbon.period_month between $first and $last
group by carbon.boundary, carbon.factor_set, factor_set_label, carbon.edition, treatment_label
order by carbon.boundary, carbon.factor_set, mass_kg desc
