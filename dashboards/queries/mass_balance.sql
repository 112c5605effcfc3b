-- One row: kilograms in process before the months shown, in, out by fate, in process after; null when nothing is known.
select
    arg_min(opening_kg, period_month) as opening_kg,
    sum(received_kg) as received_kg,
    sum(prevented_kg) as prevented_kg,
    sum(prepared_for_reuse_kg) as prepared_for_reuse_kg,
    sum(recycled_kg) as recycled_kg,
    sum(energy_recovery_kg) as energy_recovery_kg,
    sum(disposed_kg) as disposed_kg,
    sum(fate_unknown_kg) as fate_unknown_kg,
    sum(lost_kg) as lost_kg,
    sum(held_kg) as held_kg,
    arg_max(closing_kg, period_month) as closing_kg
from marts.mart_waste_diversion
where period_month between $first and $last
