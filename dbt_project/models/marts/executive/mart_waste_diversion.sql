-- The mass balance of each month: what was in process, what came in, where it went, what is still in process; and the
-- shares that four standards call diverted, side by side.
{% set mass_classes = [
    'prevented', 'prepared_for_reuse', 'recycled', 'energy_recovery', 'disposed', 'fate_unknown', 'lost', 'in_process'
] %}
with received as (
    select
        received_month as period_month,
        sum(mass_kg) as received_kg
    from {{ ref('fct_return_unit') }}
    where received_month is not null and mass_kg is not null
    group by received_month
),

closed as (
    select
        mass.disposition_month as period_month,
        {% for mass_class in mass_classes -%}
        sum(case when mass.mass_class = '{{ mass_class | upper }}' then mass.mass_kg else 0 end)
            as {{ mass_class }}_kg,
        {% endfor -%}
        -- what a ticket weighed as waste was neither given nor sold on, whatever was decided
        sum(case when unit.disposition_code = 'DONATE' and not mass_class.is_waste then mass.mass_kg else 0 end)
            as donated_kg,
        sum(
            case
                when unit.disposition_code in ('LIQUIDATE_B2B', 'SALVAGE') and not mass_class.is_waste
                    then mass.mass_kg
                else 0
            end
        ) as liquidated_kg,
        sum(cast(mass.mass_kg * mass_class.hierarchy_weight as decimal(18, 8))) as hierarchy_points,
        sum(case when mass_class.hierarchy_weight is not null then mass.mass_kg else 0 end) as hierarchy_kg,
        sum(mass.mass_kg) as closed_kg
    from {{ ref('fct_unit_mass') }} as mass
    inner join {{ ref('fct_return_unit') }} as unit on unit.unit_key = mass.unit_key
    inner join {{ ref('dim_mass_class') }} as mass_class on mass_class.mass_class = mass.mass_class
    group by mass.disposition_month
),

-- a unit that was never received (kept by the customer, lost) enters and leaves in the month it is closed
unreceived as (
    select
        disposition_month as period_month,
        sum(mass_kg) as unreceived_kg
    from {{ ref('fct_return_unit') }}
    where received_month is null and disposition_month is not null and mass_kg is not null
    group by disposition_month
),

active as (
    select received.period_month from received
    union distinct
    select closed.period_month from closed
),

months as (
    select distinct dates.month_start as period_month
    from {{ ref('dim_date') }} as dates
    where
        dates.month_start >= (select min(active.period_month) from active)
        and dates.month_start <= (select max(active.period_month) from active)
),

balance as (
    select
        months.period_month,
        coalesce(received.received_kg, 0) + coalesce(unreceived.unreceived_kg, 0) as received_kg,
        {% for column in mass_classes + ['donated', 'liquidated'] -%}
        coalesce(closed.{{ column }}_kg, 0) as {{ column }}_kg,
        {% endfor -%}
        closed.hierarchy_points,
        closed.hierarchy_kg,
        coalesce(closed.closed_kg, 0) as closed_kg
    from months
    left join received on received.period_month = months.period_month
    left join closed on closed.period_month = months.period_month
    left join unreceived on unreceived.period_month = months.period_month
),

running as (
    select
        *,
        prepared_for_reuse_kg + recycled_kg as diverted_kg,
        prepared_for_reuse_kg + recycled_kg + energy_recovery_kg + disposed_kg as waste_kg,
        sum(received_kg - closed_kg) over (order by period_month rows unbounded preceding) as closing_kg
    from balance
)

select
    period_month,
    cast(closing_kg - received_kg + closed_kg as decimal(38, 6)) as opening_kg,
    cast(received_kg as decimal(38, 6)) as received_kg,
    cast(prevented_kg as decimal(38, 6)) as prevented_kg,
    cast(prepared_for_reuse_kg as decimal(38, 6)) as prepared_for_reuse_kg,
    cast(recycled_kg as decimal(38, 6)) as recycled_kg,
    cast(energy_recovery_kg as decimal(38, 6)) as energy_recovery_kg,
    cast(disposed_kg as decimal(38, 6)) as disposed_kg,
    cast(fate_unknown_kg as decimal(38, 6)) as fate_unknown_kg,
    cast(lost_kg as decimal(38, 6)) as lost_kg,
    cast(in_process_kg as decimal(38, 6)) as held_kg,
    cast(closing_kg as decimal(38, 6)) as closing_kg,
    cast(donated_kg as decimal(38, 6)) as donated_kg,
    cast(liquidated_kg as decimal(38, 6)) as liquidated_kg,
    cast((prevented_kg + prepared_for_reuse_kg) / nullif(closed_kg, 0) as decimal(9, 6)) as kept_in_use_rate,
    cast(diverted_kg / nullif(waste_kg, 0) as decimal(9, 6)) as diversion_rate_gri,
    cast((diverted_kg + donated_kg) / nullif(waste_kg + donated_kg, 0) as decimal(9, 6)) as diversion_rate_us_epa,
    cast((diverted_kg + energy_recovery_kg) / nullif(waste_kg, 0) as decimal(9, 6)) as diversion_rate_ul_2799,
    cast(energy_recovery_kg / nullif(waste_kg, 0) as decimal(9, 6)) as thermal_with_energy_rate,
    cast((diverted_kg + donated_kg) / nullif(waste_kg + donated_kg + liquidated_kg, 0) as decimal(9, 6))
        as diversion_rate_true_zwia,
    cast(hierarchy_points / nullif(hierarchy_kg, 0) as decimal(9, 6)) as hierarchy_score
from running
