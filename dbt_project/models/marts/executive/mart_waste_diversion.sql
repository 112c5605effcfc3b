-- The mass balance of each month: what was in process, what came in, where it went, what is still in process; and the
-- shares that four standards call diverted, side by side.
{% set mass_classes = [
    'prevented', 'prepared_for_reuse', 'recycled', 'energy_recovery', 'disposed', 'fate_unknown', 'lost', 'in_process'
] %}
with active as (
    select period_month
    from {{ ref('int_mass__month') }}
    where received_count + closed_line_count > 0
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
        coalesce(masses.received_kg + masses.unreceived_kg, 0) as received_kg,
        {% for column in mass_classes + ['donated', 'liquidated', 'closed'] -%}
        coalesce(masses.{{ column }}_kg, 0) as {{ column }}_kg,
        {% endfor -%}
        masses.hierarchy_points,
        masses.hierarchy_kg
    from months
    left join {{ ref('int_mass__month') }} as masses on masses.period_month = months.period_month
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
