-- What closed units of known landed cost brought: proceeds, and all that was recovered less what the return cost.
with summed as (
    select
        period_month,
        channel,
        disposition_code,
        cast(sum(unit_count) as bigint) as unit_count,
        cast(sum(landed_cost_reporting) as decimal(38, 4)) as landed_cost_reporting,
        cast(sum(gross_proceeds_reporting) as decimal(38, 4)) as gross_proceeds_reporting,
        cast(sum(recovery_reporting - reverse_cost_reporting) as decimal(38, 4)) as net_recovery_reporting
    from {{ ref('mart_recovery_mix') }}
    group by period_month, channel, disposition_code
)

select
    *,
    {{ ratio('gross_proceeds_reporting', 'landed_cost_reporting') }} as gross_recovery_rate,
    {{ ratio('net_recovery_reporting', 'landed_cost_reporting') }} as net_recovery_rate
from summed
