-- The headline metrics of the catalogue as a whole, by month.
select
    figure.kpi_id,
    figure.period_month,
    figure.definition_version,
    figure.basis,
    figure.unit,
    figure.numerator,
    figure.denominator,
    figure.value,
    figure.measured_count,
    cast(figure.population as bigint) as units_in_period,
    figure.coverage,
    figure.as_of
from {{ ref('fct_kpi') }} as figure
inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = figure.kpi_id
where kpi.is_headline and figure.slice_dimension = 'ALL'
