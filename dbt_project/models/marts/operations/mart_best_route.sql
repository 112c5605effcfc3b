-- What the open units are expected to bring by their best routes, and how much more than by the next best.
select
    coalesce(product_category, 'UNKNOWN') as product_category,
    disposition_code,
    count(*) as unit_count,
    cast(sum(expected_net_reporting) as decimal(38, 4)) as expected_net_reporting,
    cast(sum(coalesce(margin_to_next_reporting, 0)) as decimal(38, 4)) as margin_to_next_reporting
from {{ ref('mart_disposition_options') }}
where is_open and route_rank = 1
group by coalesce(product_category, 'UNKNOWN'), disposition_code
