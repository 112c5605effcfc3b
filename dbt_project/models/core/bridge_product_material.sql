with shares as (
    {% for materials in ['stg_wms_inventory__item_materials', 'stg_backhaul__materials'] -%}
    select
        sku,
        material_code,
        mass_share,
        observed_at,
        record_key
    from {{ ref(materials) }}
    where is_current
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
)

select
    sku,
    upper(material_code) as material_code,
    mass_share
from shares
qualify row_number() over (
    partition by sku, upper(material_code)
    order by observed_at desc, record_key
) = 1
