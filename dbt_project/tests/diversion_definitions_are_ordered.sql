-- Invariant 12: the classes of mass are disjoint and complete, every rate lies between 0 and 1, and a stricter
-- definition never gives more than a laxer one.
with rates as (
    select
        *,
        prevented_kg + prepared_for_reuse_kg + recycled_kg + energy_recovery_kg + disposed_kg + fate_unknown_kg
        + lost_kg + held_kg as spread_kg,
        opening_kg + received_kg - closing_kg as closed_kg
    from {{ ref('mart_waste_diversion') }}
)

select
    period_month,
    spread_kg,
    closed_kg,
    diversion_rate_gri,
    diversion_rate_us_epa,
    diversion_rate_ul_2799,
    diversion_rate_true_zwia
from rates
where
    spread_kg <> closed_kg
    or diversion_rate_true_zwia > diversion_rate_us_epa
    or diversion_rate_gri > diversion_rate_ul_2799
    or donated_kg + liquidated_kg > prevented_kg + fate_unknown_kg
    {% for rate in [
        'kept_in_use_rate', 'diversion_rate_gri', 'diversion_rate_us_epa', 'diversion_rate_ul_2799',
        'thermal_with_energy_rate', 'diversion_rate_true_zwia', 'hierarchy_score',
    ] -%}
    or {{ rate }} not between 0 and 1
    {% endfor %}
