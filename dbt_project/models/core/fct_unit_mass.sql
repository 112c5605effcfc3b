-- Where the mass of a closed unit went. Waste tickets say it for what they weighed; the rest of the unit's mass
-- follows its disposition, so that a unit's rows always add up to its mass. What tickets weigh above it is taken back
-- from the heaviest of them, as a negative row.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {},
}}) }}
with units as (
    select
        unit.unit_key,
        unit.disposition_month,
        unit.mass_kg,
        disposition.mass_class,
        disposition.treatment_code,
        disposition.is_waste and coalesce(regulation.is_hazardous_waste, unit.grade_code = 'H', false) as is_hazardous,
        value.mass_source_id as source_id,
        value.mass_file_sha256 as file_sha256,
        value.mass_source_row as source_row
    from {{ near(ref('fct_return_unit')) }} as unit
    inner join {{ near(ref('int_units__value')) }} as value on value.unit_key = unit.unit_key
    inner join {{ ref('dim_disposition') }} as disposition on disposition.disposition_code = unit.disposition_code
    left join {{ ref('dim_regulation_class') }} as regulation on regulation.regulation_class = unit.regulation_class
    where unit.disposition_month is not null and unit.mass_kg is not null
),

tickets as (
    select
        *,
        sum(mass_kg) over (partition by unit_key) as ticketed_kg,
        row_number() over (partition by unit_key order by mass_kg desc, waste_movement_key) as weight_rank
    from {{ near(ref('fct_waste_movement')) }}
    where is_counted
),

ticketed as (
    select
        tickets.unit_key,
        units.disposition_month,
        tickets.mass_class,
        tickets.treatment_code,
        tickets.material_code,
        tickets.is_hazardous,
        tickets.treatment_site,
        tickets.mass_kg,
        tickets.source_table,
        tickets.waste_movement_key as record_key,
        {{ lineage_columns('tickets') }}
    from tickets
    inner join units on units.unit_key = tickets.unit_key
),

remainder as (
    select
        units.unit_key,
        units.disposition_month,
        case when heaviest.ticketed_kg > units.mass_kg then heaviest.mass_class else units.mass_class end as mass_class,
        case when heaviest.ticketed_kg > units.mass_kg then heaviest.treatment_code else units.treatment_code end
            as treatment_code,
        case when heaviest.ticketed_kg > units.mass_kg then heaviest.material_code end as material_code,
        coalesce(heaviest.is_hazardous, units.is_hazardous) as is_hazardous,
        case when heaviest.ticketed_kg > units.mass_kg then heaviest.treatment_site else 'UNKNOWN' end
            as treatment_site,
        units.mass_kg - coalesce(heaviest.ticketed_kg, 0) as mass_kg,
        'unit_mass' as source_table,
        {{ surrogate_key(["'remainder'"]) }} as record_key,
        {{ lineage_columns('units') }}
    from units
    left join tickets as heaviest on heaviest.unit_key = units.unit_key and heaviest.weight_rank = 1
    where units.mass_kg <> coalesce(heaviest.ticketed_kg, 0)
),

lines as (
    select * from ticketed
    union all
    select * from remainder
)

select
    {{ surrogate_key(['lines.unit_key', 'lines.source_table', 'lines.record_key']) }} as unit_mass_key,
    lines.unit_key,
    lines.disposition_month,
    lines.mass_class,
    mass_class.eu_hierarchy_rank,
    lines.treatment_code,
    lines.material_code,
    lines.is_hazardous,
    lines.treatment_site,
    cast(lines.mass_kg as decimal(18, 6)) as mass_kg,
    lines.source_table,
    lines.source_id,
    lines.file_sha256,
    lines.source_row
from lines
inner join {{ ref('dim_mass_class') }} as mass_class on mass_class.mass_class = lines.mass_class
