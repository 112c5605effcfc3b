-- One row per mass class: kilograms that left the process from $first to $last.
with fates as (
    unpivot (
        select
            sum(prevented_kg) as PREVENTED,
            sum(prepared_for_reuse_kg) as PREPARED_FOR_REUSE,
            sum(recycled_kg) as RECYCLED,
            sum(energy_recovery_kg) as ENERGY_RECOVERY,
            sum(disposed_kg) as DISPOSED,
            sum(fate_unknown_kg) as FATE_UNKNOWN,
            sum(lost_kg) as LOST,
            sum(held_kg) as IN_PROCESS
        from marts.mart_waste_diversion
        where period_month between $first and $last
    ) on * into name mass_class value mass_kg
)

select
    fates.mass_class,
    case when $language = 'fr' then class.label_fr else class.label_en end as label,
    class.is_kept_in_use,
    fates.mass_kg
from fates
inner join core.dim_mass_class as class on class.mass_class = fates.mass_class
order by class.sort_order
