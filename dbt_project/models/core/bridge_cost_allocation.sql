-- Cost documents that name no unit and the units that carry them, with each one's share and the run that made it.
{{ config(materialized='view') }}
select
    source_table,
    record_key,
    unit_key,
    allocation_run_id,
    allocation_method,
    amount,
    currency,
    cast(
        amount / nullif(sum(amount) over (partition by source_table, record_key), 0) as decimal(18, 6)
    ) as cost_share
from {{ ref('fct_cost').include(database=false) }}
where allocation_run_id is not null and unit_key is not null
