-- One row per headline metric, in the order of the catalogue, in the language asked for.
select
    kpi_id,
    definition_version,
    basis,
    unit,
    case when $language = 'fr' then label_fr else label_en end as label,
    case when $language = 'fr' then formula_fr else formula_en end as formula
from core.dim_kpi
where is_headline
order by sort_order
