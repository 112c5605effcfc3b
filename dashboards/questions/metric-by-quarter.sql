-- title_en: Any metric by quarter and channel: sum over sum, never a mean of rates
-- title_fr: N’importe quel indicateur par trimestre et canal : somme sur somme, jamais une moyenne de taux
-- chart: line quarter value channel
select
    date_trunc('quarter', figure.period_month) as quarter,
    figure.slice_member as channel,
    sum(figure.numerator) as numerator,
    sum(figure.denominator) as denominator,
    round(sum(figure.numerator) / nullif(sum(figure.denominator), 0), 4) as value
from core.fct_kpi as figure
where figure.kpi_id = 'B02' and figure.slice_dimension = 'CHANNEL'
group by all
order by quarter, channel
