-- What became known of each closed unit in a month: that it took its route, what that brought and cost after the
-- decision. Months add up to what is known so far. Costs before the decision are the same for every route.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {},
}}) }}
{%- set flows = {
    'fct_cost': ('posted_at', {
        'process': "('RPK', 'REF_LAB', 'REF_PRT', 'REMAN', 'DISP')", 'freight': "('FRT_CONS')",
        'selling': "('OUT_SEL')", 'holding': "('STO')",
    }),
    'fct_recovery': ('recovered_at', {'proceeds': "('REC_SALE')", 'credit': "('REC_RTV')"}),
} %}
{%- set added = ['process', 'freight', 'selling', 'holding', 'credit'] %}
with units as (
    select
        unit.unit_key,
        unit.product_category,
        unit.grade_code,
        unit.disposition_code,
        unit.landed_cost_reporting,
        unit.disposition_executed_at,
        {{ whole_days('unit.received_at', 'unit.disposition_executed_at') }} as held_days,
        {{ value_decay(
            'coalesce(decay.decay_per_day, 0)',
            'greatest(coalesce(' ~ whole_days('unit.received_at', 'unit.sold_at') ~ ', 0), 0)'
        ) }} as price_left
    from {{ near(ref('fct_return_unit')) }} as unit
    inner join {{ ref('dim_route_parameter') }} as route on route.disposition_code = unit.disposition_code
    left join {{ ref('dim_value_decay') }} as decay on decay.product_category = upper(unit.product_category)
    where unit.received_at is not null and unit.disposition_executed_at is not null and unit.landed_cost_reporting > 0
),

flows as (
    select
        unit_key,
        disposition_executed_at as flowed_at,
        'closed' as flow_kind,
        cast(0 as decimal(18, 4)) as amount_reporting
    from units
    {% for fact, (clock, kinds) in flows.items() -%}
    union all
    select
        unit_key,
        {{ clock }} as flowed_at,
        case
            {% for kind, categories in kinds.items() -%}
            when category_code in {{ categories }} then '{{ kind }}'
            {% endfor -%}
        end as flow_kind,
        amount_reporting
    from {{ near(ref(fact)) }}
    where unit_key is not null and amount_reporting is not null
    {% endfor %}
),

-- what came before the unit was closed is known with its closing
monthly as (
    select
        units.unit_key,
        cast(date_trunc('month', greatest(flows.flowed_at, units.disposition_executed_at)) as date) as learned_month,
        {% for kind in ['proceeds'] + added -%}
        sum(case when flows.flow_kind = '{{ kind }}' then flows.amount_reporting else 0 end) as {{ kind }},
        {% endfor -%}
        sum(case when flows.flow_kind = 'closed' then 1 else 0 end) as unit_count
    from flows
    inner join units on units.unit_key = flows.unit_key
    where flows.flow_kind is not null
    group by
        units.unit_key,
        cast(date_trunc('month', greatest(flows.flowed_at, units.disposition_executed_at)) as date)
),

-- proceeds taken back are no loss of the route's: what a unit brought is never below nothing
running as (
    select
        *,
        greatest(
            sum(proceeds) over (partition by unit_key order by learned_month rows unbounded preceding), 0
        ) as brought_after,
        greatest(
            coalesce(
                sum(proceeds) over (
                    partition by unit_key
                    order by learned_month
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ), 0
        ) as brought_before
    from monthly
)

select
    running.unit_key,
    units.product_category,
    units.grade_code,
    units.disposition_code,
    running.learned_month,
    cast(running.unit_count as bigint) as unit_count,
    cast(
        case when running.brought_after > 0 then 1 else 0 end
        - case when running.brought_before > 0 then 1 else 0 end as bigint
    ) as sold_count,
    cast(running.unit_count * units.landed_cost_reporting as decimal(18, 4)) as landed_cost_reporting,
    cast(
        case when running.brought_after > 0 then units.landed_cost_reporting else 0 end
        - case when running.brought_before > 0 then units.landed_cost_reporting else 0 end as decimal(18, 4)
    ) as sold_cost_reporting,
    cast(running.brought_after - running.brought_before as decimal(18, 4)) as proceeds_reporting,
    cast(
        cast(running.brought_after / units.price_left as decimal(18, 4))
        - cast(running.brought_before / units.price_left as decimal(18, 4)) as decimal(18, 4)
    ) as undecayed_proceeds_reporting,
    {% for kind in added -%}
    cast(running.{{ kind }} as decimal(18, 4)) as {{ kind }}_reporting,
    {% endfor -%}
    cast(running.unit_count * units.held_days as bigint) as held_days
from running
inner join units on units.unit_key = running.unit_key
