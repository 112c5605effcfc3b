-- Invariant 31: every kilogram of waste has a factor or stands apart without one, in each boundary.
with waste as (
    select
        mass.disposition_month as period_month,
        sum(mass.mass_kg) as waste_kg
    from {{ ref('fct_unit_mass') }} as mass
    inner join {{ ref('dim_mass_class') }} as mass_class on mass_class.mass_class = mass.mass_class
    where mass_class.is_waste
    group by mass.disposition_month
),

factored as (
    select
        disposition_month as period_month,
        boundary,
        sum(mass_kg) as factored_kg
    from {{ ref('fct_unit_carbon') }}
    where boundary in ('INVENTORY', 'AVOIDED')
    group by disposition_month, boundary
),

shown as (
    select
        period_month,
        boundary,
        sum(mass_kg) as mass_kg,
        sum(case when factor_set = 'NONE' then mass_kg else 0 end) as unfactored_kg
    from {{ ref('mart_waste_carbon') }}
    where boundary in ('INVENTORY', 'AVOIDED')
    group by period_month, boundary
)

select
    shown.*,
    waste.waste_kg,
    factored.factored_kg
from waste
left join shown on shown.period_month = waste.period_month
left join factored on factored.period_month = shown.period_month and factored.boundary = shown.boundary
where
    shown.mass_kg is distinct from waste.waste_kg
    or coalesce(factored.factored_kg, 0) + shown.unfactored_kg <> waste.waste_kg
