-- Invariant 15: the components of a month are its cost per return.
with components as (
    select
        period_month,
        sum(cost_reporting) as cost_reporting
    from {{ ref('mart_cost_per_return') }}
    group by period_month
)

select
    kpi.period_month,
    kpi.numerator,
    components.cost_reporting
from {{ ref('mart_exec_kpi') }} as kpi
left join components on components.period_month = kpi.period_month
where kpi.kpi_id = 'B02' and kpi.numerator <> coalesce(components.cost_reporting, 0)
