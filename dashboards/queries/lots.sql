-- One row per lot of which units are open and whose last day of use is known, the soonest first, filters applied; no more
-- rows than are asked for.
select
    unit.lot_number,
    unit.sku,
    unit.expiry_date,
    unit.expiry_date < cast($as_of as date) as is_expired,
    count(*) as unit_count,
    count(*) filter (where not unit.is_resale_allowed) as no_resale_count,
    sum(unit.landed_cost_reporting) as landed_cost_reporting
from core.fct_return_unit as unit
inner join core.dim_unit_status as status on status.unit_status = unit.unit_status and status.is_open
where
    unit.expiry_date is not null
    and ($channel is null or unit.channel = $channel)
    and ($product_category is null or unit.product_category = $product_category)
    and ($node_id is null or unit.node_id = $node_id)
    and ($carrier is null or unit.carrier = $carrier)
    and ($return_type is null or unit.return_type = $return_type)
group by unit.lot_number, unit.sku, unit.expiry_date
order by unit.expiry_date, unit.lot_number, unit.sku
limit $row_limit
