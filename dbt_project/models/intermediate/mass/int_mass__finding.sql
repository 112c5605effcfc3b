-- What a person should look at in masses and waste tickets; one row per finding, as quality_finding lists them.
{{ config(materialized='touched', meta={'touched': {
    'key': 'subject_key',
    'by': {
        'bridge_product_material': 'select ' ~ surrogate_key(['sku']) ~ ' from {changes}',
        'fct_waste_movement': "
            select waste_movement_key from {changes}
            union
            select unit_key from {changes}
        ",
        'fct_return_unit': "select unit_key from {changes}",
    },
}}) }}
with unit as (
    select * from {{ near(ref('fct_return_unit'), 'unit_key in {keys}') }}
),

shares as (
    select
        *,
        sum(mass_share) over (partition by sku) as share_total,
        row_number() over (partition by sku order by material_code) as share_rank
    from {{ near(ref('bridge_product_material'), surrogate_key(['sku']) ~ ' in {keys}') }}
),

-- shares of a product that do not add up to one, give or take half a per cent (invariant 10)
compositions as (
    select
        'composition_not_whole' as rule_id,
        {{ surrogate_key(['sku']) }} as subject_key,
        source_table,
        sku as detail,
        cast(null as {{ key_type() }}) as unit_key,
        source_id,
        file_sha256,
        source_row
    from shares
    where share_rank = 1 and share_total not between 0.995 and 1.005
),

tickets as (
    select
        movement.*,
        unit.mass_kg as unit_mass_kg,
        unit.disposition_executed_at,
        disposition.is_waste,
        material.material_code is null as is_unmapped_material,
        sum(movement.mass_kg) over (partition by movement.unit_key) as ticketed_kg,
        row_number() over (
            partition by movement.unit_key order by movement.mass_kg desc, movement.waste_movement_key
        ) as weight_rank
    from
        {{ near(
            ref('fct_waste_movement'),
            ['unit_key in {keys}', 'unit_key is null and waste_movement_key in {keys}']
        ) }} as movement
    left join unit on unit.unit_key = movement.unit_key
    left join {{ ref('dim_disposition') }} as disposition on disposition.disposition_code = unit.disposition_code
    left join {{ ref('dim_material') }} as material on material.material_code = movement.material_code
),

ticketed as (
    {% for rule, where in {
        'ticket_over_unit_mass': 'is_counted and weight_rank = 1 and ticketed_kg > unit_mass_kg * 1.02',
        'waste_of_kept_unit': 'disposition_executed_at is not null and not is_waste',
        'hazardous_without_certificate': 'is_hazardous and (certificate_number is null or operator_id is null)',
        'unmapped_material': 'material_code is not null and is_unmapped_material',
    }.items() -%}
    select
        '{{ rule }}' as rule_id,
        coalesce(unit_key, waste_movement_key) as subject_key,
        source_table,
        {{ 'material_code' if rule == 'unmapped_material' else 'movement_id' }} as detail,
        unit_key,
        source_id,
        file_sha256,
        source_row
    from tickets
    where {{ where }}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

-- recalled or expired goods, or goods that may not be resold, that went back into use all the same (invariant 13)
resold as (
    select
        'forbidden_resale' as rule_id,
        unit.unit_key as subject_key,
        unit.source_table,
        unit.disposition_code as detail,
        unit.unit_key,
        {{ lineage_columns('unit') }}
    from unit
    inner join {{ ref('dim_disposition') }} as disposition on disposition.disposition_code = unit.disposition_code
    where
        disposition.circular_strategy in ('RESELL', 'REUSE', 'REFURBISH', 'REMANUFACTURE')
        and (
            unit.return_type = 'RECALL'
            or unit.grade_code in ('R', 'X')
            or not unit.is_resale_allowed
            or unit.expiry_date < cast(unit.disposition_decided_at as date)
        )
)

{% for findings in ['compositions', 'ticketed', 'resold'] -%}
select
    rule_id,
    subject_key,
    source_table,
    detail,
    unit_key,
    source_id,
    file_sha256,
    source_row
from {{ findings }}
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
