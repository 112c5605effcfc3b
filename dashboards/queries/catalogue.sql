-- One row per metric, in the order of the catalogue, in the language asked for.
select
    kpi.kpi_id,
    kpi.definition_version,
    kpi.topic,
    kpi.basis,
    kpi.kind,
    kpi.unit,
    kpi.better,
    kpi.maturity_days,
    kpi.mart_name,
    kpi.is_headline,
    case when $language = 'fr' then kpi.label_fr else kpi.label_en end as label,
    case when $language = 'fr' then kpi.formula_fr else kpi.formula_en end as formula,
    kpi.numerator_measure,
    kpi.denominator_measure,
    numerator.unit as numerator_unit,
    denominator.unit as denominator_unit,
    case when $language = 'fr' then numerator.label_fr else numerator.label_en end as numerator_label,
    case when $language = 'fr' then denominator.label_fr else denominator.label_en end as denominator_label
from core.dim_kpi as kpi
left join core.dim_measure as numerator on numerator.measure_code = kpi.numerator_measure
left join core.dim_measure as denominator on denominator.measure_code = kpi.denominator_measure
order by kpi.sort_order
