-- title_en: The few products that make most of the loss
-- title_fr: Les quelques produits qui font l’essentiel de la perte
-- chart: bar sku net_loss_reporting product_category
select
    loss_rank,
    sku,
    product_category,
    unit_count,
    net_loss_reporting,
    sum(net_loss_reporting) over (order by loss_rank) as running_loss_reporting,
    running_loss_share
from marts.mart_sku_bleed
where running_loss_share <= 0.5
order by loss_rank
