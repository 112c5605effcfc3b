-- What a product is made of, as told by the source that told it last: two sources' lists are never mixed.
{{ config(materialized='touched', meta={'touched': {
    'key': 'sku',
    'by': 'whole',
}}) }}
with shares as (
    {% for source, materials in {
        'wms_inventory__item_materials': 'stg_wms_inventory__item_materials',
        'backhaul__materials': 'stg_backhaul__materials',
    }.items() -%}
    select
        sku,
        upper(material_code) as material_code,
        mass_share,
        observed_at,
        record_key,
        '{{ source }}' as source_table,
        {{ lineage_columns(materials) }}
    from {{ ref(materials) }} as {{ materials }}
    where is_current
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

last_told as (
    select
        *,
        first_value(source_id) over (
            partition by sku
            order by observed_at desc, source_id, record_key
        ) as last_source_id
    from shares
)

select
    sku,
    material_code,
    mass_share,
    source_table,
    source_id,
    file_sha256,
    source_row
from last_told
where source_id = last_source_id
qualify row_number() over (
    partition by sku, material_code
    order by observed_at desc, record_key
) = 1
