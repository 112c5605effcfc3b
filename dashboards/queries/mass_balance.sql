-- One row: kilograms in process before the months shown, in, and in process after; null when nothing is known.
select
    arg_min(opening_kg, period_month) as opening_kg,
    sum(received_kg) as received_kg,
    arg_max(closing_kg, period_month) as closing_kg
from marts.mart_waste_diversion
where period_month between $first and $last
