-- Where the mass of a closed unit went. Waste tickets say it for what they weighed; the rest of the unit's mass
-- follows its disposition, so that a unit's rows always add up to its mass (a ticket above it leaves a negative rest).
with units as (
    select
        unit.unit_key,
        unit.disposition_month,
        unit.mass_kg,
        disposition.mass_class,
        disposition.is_waste,
        value.mass_source_id as source_id,
        value.mass_file_sha256 as file_sha256,
        value.mass_source_row as source_row
    from {{ ref('fct_return_unit') }} as unit
    inner join {{ ref('int_units__value') }} as value on value.unit_key = unit.unit_key
    inner join {{ ref('dim_disposition') }} as disposition on disposition.disposition_code = unit.disposition_code
    where unit.disposition_month is not null and unit.mass_kg is not null
),

movements as (
    select
        identity.unit_key,
        movement.material_code,
        movement.mass_kg,
        movement.record_key,
        treatment.mass_class,
        {{ lineage_columns('movement') }}
    from {{ ref('stg_backhaul__waste_movements') }} as movement
    inner join {{ ref('int_units__identity') }} as identity on identity.evidence = movement.unit_evidence
    inner join {{ ref('dim_treatment') }} as treatment on treatment.treatment_code = movement.treatment_code
    where movement.is_current
),

ticketed as (
    select
        units.unit_key,
        units.disposition_month,
        movements.mass_class,
        movements.material_code,
        movements.mass_kg,
        'backhaul__waste_movements' as source_table,
        movements.record_key,
        {{ lineage_columns('movements') }}
    from movements
    inner join units on units.unit_key = movements.unit_key and units.is_waste
),

ticketed_total as (
    select
        unit_key,
        sum(mass_kg) as mass_kg
    from ticketed
    group by unit_key
),

remainder as (
    select
        units.unit_key,
        units.disposition_month,
        units.mass_class,
        cast(null as string) as material_code,
        units.mass_kg - coalesce(ticketed_total.mass_kg, 0) as mass_kg,
        'unit_mass' as source_table,
        'remainder' as record_key,
        {{ lineage_columns('units') }}
    from units
    left join ticketed_total on ticketed_total.unit_key = units.unit_key
    where units.mass_kg <> coalesce(ticketed_total.mass_kg, 0)
),

lines as (
    select * from ticketed
    union all
    select * from remainder
)

select
    md5(unit_key || '|' || source_table || '|' || record_key) as unit_mass_key,
    unit_key,
    disposition_month,
    mass_class,
    material_code,
    cast(mass_kg as decimal(18, 6)) as mass_kg,
    source_table,
    source_id,
    file_sha256,
    source_row
from lines
