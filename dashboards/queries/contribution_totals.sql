-- One row per component behind one measure over the months shown, filters applied: what all its rows add up to.
select
    contribution.component,
    count(*) as row_count,
    count(distinct contribution.unit_key) as unit_count,
    count(distinct contribution.file_sha256) as file_count,
    sum(contribution.amount) as amount
from core.fct_measure as contribution
where
    contribution.measure_code = $measure_code
    and contribution.measured_on between $first and last_day(cast($last as date))
    and ($channel is null or contribution.channel = $channel)
    and ($product_category is null or contribution.product_category = $product_category)
    and ($node_id is null or contribution.node_id = $node_id)
    and ($carrier is null or contribution.carrier = $carrier)
    and ($return_type is null or contribution.return_type = $return_type)
group by contribution.component
order by abs(sum(contribution.amount)) desc, contribution.component
