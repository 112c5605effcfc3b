-- Every mass line by material. A ticket says its own; a line that names none is spread over what its product is made
-- of, exact to the milligram by largest remainder. Shares of a product need not add up to one: they are weights.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'bridge_product_material': "select unit_key from core.fct_return_unit where sku in (select sku from {changes})",
    },
}}) }}
with lines as (
    select
        mass.unit_mass_key,
        mass.unit_key,
        mass.material_code,
        mass.mass_kg,
        unit.sku
    from {{ near(ref('fct_unit_mass')) }} as mass
    inner join {{ near(ref('fct_return_unit')) }} as unit on unit.unit_key = mass.unit_key
),

weighted as (
    select
        lines.unit_mass_key,
        lines.unit_key,
        bridge.material_code,
        sign(lines.mass_kg) as mass_sign,
        cast(abs(lines.mass_kg) * 1000000 as {{ wide_integer() }}) as mg,
        cast(bridge.mass_share * 10000 as {{ wide_integer() }}) as weight
    from lines
    inner join {{ ref('bridge_product_material') }} as bridge on bridge.sku = lines.sku and bridge.mass_share > 0
    where lines.material_code is null
),

totals as (
    select
        *,
        cast(sum(weight) over (partition by unit_mass_key) as {{ wide_integer() }}) as weight_total
    from weighted
),

floors as (
    select
        *,
        {{ integer_divide('mg * weight', 'weight_total') }} as floor_mg,
        (mg * weight) - ({{ integer_divide('mg * weight', 'weight_total') }}) * weight_total as remainder
    from totals
),

ranked as (
    select
        *,
        row_number() over (partition by unit_mass_key order by remainder desc, material_code) as remainder_rank,
        mg - sum(floor_mg) over (partition by unit_mass_key) as mg_left
    from floors
),

composed as (
    select
        unit_mass_key,
        unit_key,
        material_code,
        -- times a millionth, not divided by a million: division leaves the decimals
        cast(mass_sign as decimal(1, 0))
        * cast(floor_mg + case when remainder_rank <= mg_left then 1 else 0 end as decimal(18, 0))
        * cast(0.000001 as decimal(7, 6)) as mass_kg
    from ranked
),

known as (
    select distinct unit_mass_key from composed
)

select
    unit_mass_key,
    unit_key,
    material_code,
    'COMPOSITION' as material_basis,
    cast(mass_kg as decimal(18, 6)) as mass_kg
from composed
where mass_kg <> 0
union all
select
    lines.unit_mass_key,
    lines.unit_key,
    coalesce(lines.material_code, 'UNKNOWN') as material_code,
    case when lines.material_code is null then 'UNKNOWN' else 'TICKET' end as material_basis,
    lines.mass_kg
from lines
left join known on known.unit_mass_key = lines.unit_mass_key
where known.unit_mass_key is null and lines.mass_kg <> 0
