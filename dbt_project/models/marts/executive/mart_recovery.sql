with amounts as (
    select
        contribution.period_month,
        unit.channel,
        unit.disposition_code,
        sum(
            case
                when contribution.kpi_id = 'C01' and contribution.kpi_role = 'NUMERATOR' then contribution.amount else 0
            end
        ) as gross_proceeds_reporting,
        sum(
            case
                when contribution.kpi_id = 'C03' and contribution.kpi_role = 'NUMERATOR' then contribution.amount else 0
            end
        ) as net_recovery_reporting,
        sum(
            case
                when
                    contribution.kpi_id = 'C03' and contribution.kpi_role = 'DENOMINATOR'
                    then contribution.amount
                else 0
            end
        ) as landed_cost_reporting,
        count(distinct contribution.unit_key) as unit_count
    from {{ ref('mart_kpi_contribution') }} as contribution
    inner join {{ ref('fct_return_unit') }} as unit on unit.unit_key = contribution.unit_key
    where contribution.kpi_id in ('C01', 'C03')
    group by contribution.period_month, unit.channel, unit.disposition_code
)

select
    period_month,
    channel,
    disposition_code,
    unit_count,
    cast(landed_cost_reporting as decimal(38, 4)) as landed_cost_reporting,
    cast(gross_proceeds_reporting as decimal(38, 4)) as gross_proceeds_reporting,
    cast(net_recovery_reporting as decimal(38, 4)) as net_recovery_reporting,
    cast(gross_proceeds_reporting / nullif(landed_cost_reporting, 0) as decimal(18, 6)) as gross_recovery_rate,
    cast(net_recovery_reporting / nullif(landed_cost_reporting, 0) as decimal(18, 6)) as net_recovery_rate
from amounts
