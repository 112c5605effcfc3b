-- One row per kind of work that ended in the months shown, with the filters applied: units that entered and that passed.
select
    component as work_kind,
    sum(amount) filter (where measure_code = 'WORK_ENTERED') as entered_count,
    coalesce(sum(amount) filter (where measure_code = 'WORK_PASSED'), 0) as passed_count
from core.fct_measure_month
where
    measure_code in ('WORK_ENTERED', 'WORK_PASSED')
    and period_month between $first and $last
    and ($channel is null or channel = $channel)
    and ($product_category is null or product_category = $product_category)
    and ($node_id is null or node_id = $node_id)
    and ($carrier is null or carrier = $carrier)
    and ($return_type is null or return_type = $return_type)
group by component
order by entered_count desc, work_kind
