-- One row per metric, month and component that a later publish knew otherwise: first and last known, largest change first.
select
    restated.kpi_id,
    case when $language = 'fr' then kpi.label_fr else kpi.label_en end as label,
    kpi.unit,
    restated.period_month,
    restated.slice_dimension,
    restated.slice_member,
    restated.first_as_of,
    restated.first_value,
    restated.last_as_of,
    restated.last_value,
    restated.numerator_change,
    restated.denominator_change,
    restated.change_count
from marts.mart_restatement as restated
inner join core.dim_kpi as kpi on kpi.kpi_id = restated.kpi_id
where restated.change_count > 0
order by kpi.sort_order, restated.period_month, restated.slice_dimension, abs(restated.numerator_change) desc
