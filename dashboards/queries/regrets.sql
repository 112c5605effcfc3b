-- One row per closed unit that a better route was left aside for, in the months of disposition shown, filters applied,
-- the largest amounts first; no more rows than are asked for.
select
    regret.unit_key,
    regret.sku,
    regret.product_category,
    regret.node_id,
    case when $language = 'fr' then taken.label_fr else taken.label_en end as taken_label,
    regret.expected_net_reporting,
    case when $language = 'fr' then best.label_fr else best.label_en end as best_label,
    regret.best_expected_net_reporting,
    regret.regret_reporting,
    regret.evidence_level,
    regret.evidence_unit_count
from marts.mart_regret_worklist as regret
left join core.dim_disposition as taken on taken.disposition_code = regret.disposition_code
left join core.dim_disposition as best on best.disposition_code = regret.best_disposition_code
where
    regret.disposition_month between $first and $last
    and ($channel is null or regret.channel = $channel)
    and ($product_category is null or regret.product_category = $product_category)
    and ($node_id is null or regret.node_id = $node_id)
    and ($carrier is null or regret.carrier = $carrier)
    and ($return_type is null or regret.return_type = $return_type)
order by regret.regret_reporting desc, regret.unit_key
limit $row_limit
