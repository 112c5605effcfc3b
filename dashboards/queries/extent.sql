-- One row: the months that the pages can show (those of the headlines), and the latest event known.
select
    min(cells.period_month) as first_month,
    max(cells.period_month) as last_month,
    max((select max(unit.as_of) from core.fct_return_unit as unit)) as as_of
from core.fct_measure_month as cells
inner join core.dim_kpi as kpi
    on kpi.is_headline and cells.measure_code in (kpi.numerator_measure, kpi.denominator_measure)
