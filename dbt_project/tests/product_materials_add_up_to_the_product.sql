-- Invariant 10, first half: what a product is made of is the whole product, give or take half a per cent.
{{ config(severity='warn') }}
select
    sku,
    sum(mass_share) as share_total
from {{ ref('bridge_product_material') }}
group by sku
having sum(mass_share) < 0.995 or sum(mass_share) > 1.005
