-- One row: the months that the pages can show (those of the headlines), and the latest event known.
select
    min(cells.period_month) as first_month,
    max(cells.period_month) as last_month,
    max((select max(known.as_of) from core.dim_as_of as known)) as as_of
from core.fct_measure_month as cells
inner join core.dim_kpi as kpi
    on kpi.is_headline and cells.measure_code in (kpi.numerator_measure, kpi.denominator_measure)
