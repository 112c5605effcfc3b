-- One row per SKU with goods claimed defective and tested in the last twelve months, those first in which most were
-- found without fault, with the category applied; no more rows than are asked for.
with products as (
    select
        sku,
        any_value(case when $language = 'fr' then name_fr else name_en end) as product_name
    from core.dim_product
    where is_current
    group by sku
)

select
    bleed.sku,
    products.product_name,
    bleed.product_category,
    bleed.defect_tested_count,
    bleed.no_fault_found_count,
    cast(bleed.no_fault_found_count / bleed.defect_tested_count as decimal(18, 6)) as no_fault_found_rate,
    bleed.net_loss_per_unit_reporting
from marts.mart_sku_bleed as bleed
left join products on products.sku = bleed.sku
where
    bleed.no_fault_found_count > 0
    and ($product_category is null or bleed.product_category = $product_category)
order by bleed.no_fault_found_count desc, no_fault_found_rate desc, bleed.sku
limit $row_limit
