-- One row per SKU that loses money on the returns of the last twelve months, the largest losses first, with the category
-- applied: what each lost, and the share of all losses up to it; no more rows than are asked for.
with losses as (
    select
        bleed.*,
        sum(bleed.net_loss_reporting) over (order by bleed.net_loss_reporting desc, bleed.sku) as running_reporting,
        sum(bleed.net_loss_reporting) over () as total_reporting,
        count(*) over () as sku_count
    from marts.mart_sku_bleed as bleed
    where
        bleed.net_loss_reporting > 0
        and ($product_category is null or bleed.product_category = $product_category)
),

products as (
    select
        sku,
        any_value(case when $language = 'fr' then name_fr else name_en end) as product_name,
        any_value(vendor_id) as vendor_id
    from core.dim_product
    where is_current
    group by sku
)

select
    losses.sku,
    products.product_name,
    products.vendor_id,
    losses.product_category,
    losses.unit_count,
    cast(losses.costed_count / losses.unit_count as decimal(9, 6)) as coverage,
    losses.cost_reporting,
    losses.write_down_reporting,
    losses.credit_reporting,
    losses.fee_income_reporting,
    losses.net_loss_reporting,
    losses.net_loss_per_unit_reporting,
    losses.running_reporting,
    losses.total_reporting,
    losses.sku_count,
    losses.defect_tested_count,
    losses.no_fault_found_count
from losses
left join products on products.sku = losses.sku
order by losses.net_loss_reporting desc, losses.sku
limit $row_limit
