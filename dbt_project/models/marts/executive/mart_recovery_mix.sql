-- What the company's own closed units of known landed cost brought, by what it depends on: their condition, the route they
-- took, and how long they had been there. Goods given away stand in landed cost already.
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {'fct_return_unit': "select disposition_month from {changes}"},
}}) }}
{%- set groups = ['period_month', 'channel', 'grade_code', 'disposition_code', 'waited_bucket'] %}
with unit as (
    select
        unit.disposition_month as period_month,
        unit.channel,
        coalesce(unit.grade_code, 'NONE') as grade_code,
        unit.disposition_code,
        coalesce(bucket.age_bucket, 'NOT_RECEIVED') as waited_bucket,
        unit.row_change as unit_count,
        unit.landed_cost_reporting * unit.row_change as landed_cost_reporting,
        coalesce(unit.sale_proceeds_reporting, 0) * unit.row_change as gross_proceeds_reporting,
        coalesce(unit.recovery_reporting, 0) * unit.row_change as recovery_reporting,
        (coalesce(unit.cost_reporting, 0) - coalesce(unit.given_away_reporting, 0)) * unit.row_change
            as reverse_cost_reporting
    from {{ changes_of(ref('fct_return_unit')) }} as unit
    left join {{ ref('dim_age_bucket') }} as bucket
        on
            greatest({{ whole_days('unit.received_at', 'coalesce(unit.sold_at, unit.disposition_executed_at)') }}, 0)
            between bucket.from_days and bucket.to_days
    where
        unit.disposition_month is not null
        and unit.landed_cost_reporting is not null
        and not unit.is_customer_owned
)

select *
from
    {{ carried_on('unit', groups, {
        'unit_count': 'bigint', 'landed_cost_reporting': 'decimal(38, 4)',
        'gross_proceeds_reporting': 'decimal(38, 4)', 'recovery_reporting': 'decimal(38, 4)',
        'reverse_cost_reporting': 'decimal(38, 4)',
    }) }} as summed
where unit_count > 0
