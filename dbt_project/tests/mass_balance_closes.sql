-- Invariant 9, exactly: opening + received = everything that went somewhere + closing, and months join without a gap.
with balance as (
    select
        *,
        opening_kg + received_kg - prevented_kg - prepared_for_reuse_kg - recycled_kg - energy_recovery_kg - disposed_kg
        - fate_unknown_kg - lost_kg - held_kg - closing_kg as difference_kg,
        lag(closing_kg) over (order by period_month) as previous_closing_kg
    from {{ ref('mart_waste_diversion') }}
)

select
    period_month,
    opening_kg,
    previous_closing_kg,
    difference_kg
from balance
where difference_kg <> 0 or coalesce(previous_closing_kg, 0) <> opening_kg
