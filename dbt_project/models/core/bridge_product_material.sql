with shares as (
    select
        sku,
        material_code,
        mass_share,
        observed_at,
        record_key
    from {{ ref('stg_wms_inventory__item_materials') }}
    where is_current
    union all
    select
        sku,
        material_code,
        mass_share,
        observed_at,
        record_key
    from {{ ref('stg_backhaul__materials') }}
    where is_current
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
