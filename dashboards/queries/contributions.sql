-- One row per source record, unit and component behind one measure over the months shown, filters applied.
-- The largest amounts first, as many as are asked for.
select
    contribution.unit_key,
    contribution.component,
    contribution.source_table,
    coalesce(file.file_name, contribution.file_sha256) as file_name,
    file.landing_path,
    contribution.source_row,
    contribution.source_path,
    sum(contribution.amount) as amount
from core.fct_measure as contribution
left join core.dim_source_file as file
    on file.source_id = contribution.source_id and file.file_sha256 = contribution.file_sha256
where
    contribution.measure_code = $measure_code
    and contribution.measured_on between $first and last_day(cast($last as date))
    and ($component is null or contribution.component = $component)
    and ($channel is null or contribution.channel = $channel)
    and ($product_category is null or contribution.product_category = $product_category)
    and ($node_id is null or contribution.node_id = $node_id)
    and ($carrier is null or contribution.carrier = $carrier)
    and ($return_type is null or contribution.return_type = $return_type)
group by all
order by abs(sum(contribution.amount)) desc, file_name, contribution.source_row, contribution.unit_key
limit $row_limit
