-- What closed units of known landed cost brought: proceeds, and all that was recovered less what the return cost.
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {'fct_return_unit': "select disposition_month from {changes}"},
}}) }}
with unit as (
    select
        disposition_month as period_month,
        channel,
        disposition_code,
        row_change as unit_count,
        landed_cost_reporting * row_change as landed_cost_reporting,
        coalesce(sale_proceeds_reporting, 0) * row_change as gross_proceeds_reporting,
        (coalesce(recovery_reporting, 0) - coalesce(cost_reporting, 0)) * row_change as net_recovery_reporting
    from {{ changes_of(ref('fct_return_unit')) }}
    where disposition_month is not null and landed_cost_reporting is not null
),

summed as (
    select *
    from
        {{ carried_on('unit', ['period_month', 'channel', 'disposition_code'], {
            'unit_count': 'bigint', 'landed_cost_reporting': 'decimal(38, 4)',
            'gross_proceeds_reporting': 'decimal(38, 4)', 'net_recovery_reporting': 'decimal(38, 4)',
        }) }} as carried
    where unit_count > 0
)

select
    period_month,
    channel,
    disposition_code,
    unit_count,
    landed_cost_reporting,
    gross_proceeds_reporting,
    net_recovery_reporting,
    {{ ratio('gross_proceeds_reporting', 'landed_cost_reporting') }} as gross_recovery_rate,
    {{ ratio('net_recovery_reporting', 'landed_cost_reporting') }} as net_recovery_rate
from summed
