-- One row per product, with the category applied: what taking a unit back brings and costs. Those first that lose most.
with products as (
    select
        sku,
        any_value(case when $language = 'fr' then name_fr else name_en end) as product_name
    from core.dim_product
    where is_current
    group by sku
)

select
    threshold.sku,
    products.product_name,
    threshold.product_category,
    threshold.unit_count,
    threshold.evidence_level,
    threshold.unit_price_reporting,
    threshold.value_reporting,
    threshold.value_share,
    threshold.route_cost_reporting,
    threshold.inbound_reporting,
    threshold.abuse_cost_reporting,
    threshold.take_back_net_reporting,
    coalesce(
        case when $language = 'fr' then regulation.label_fr else regulation.label_en end, threshold.forbidden_by
    ) as forbidden_by
from marts.mart_keep_it_threshold as threshold
left join products on products.sku = threshold.sku
left join core.dim_regulation_class as regulation on regulation.regulation_class = threshold.forbidden_by
where $product_category is null or threshold.product_category = $product_category
order by threshold.take_back_net_reporting, threshold.sku
limit $row_limit
