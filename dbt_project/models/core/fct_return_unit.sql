-- The as-of date is the latest event that the applied receipts hold, never the clock on the wall.
with as_of as (
    select max(horizon) as as_of from {{ source('lake', 'receipt') }}
),

costs as (
    select
        cost.unit_key,
        sum(case when category.is_in_trc then cost.amount_reporting else 0 end) as cost_reporting,
        sum(case when category.family = 'WRITE_DOWN' then cost.amount_reporting else 0 end) as write_down_reporting,
        count(*) as cost_line_count
    from {{ ref('fct_cost') }} as cost
    left join {{ ref('dim_cost_category') }} as category on category.category_code = cost.category_code
    where cost.unit_key is not null
    group by cost.unit_key
),

recoveries as (
    select
        recovery.unit_key,
        sum(case when category.family = 'RECOVERY' then recovery.amount_reporting else 0 end) as recovery_reporting,
        sum(case when category.family = 'INCOME' then recovery.amount_reporting else 0 end) as fee_income_reporting
    from {{ ref('fct_recovery') }} as recovery
    left join {{ ref('dim_cost_category') }} as category on category.category_code = recovery.category_code
    where recovery.unit_key is not null
    group by recovery.unit_key
),

joined as (
    select
        unit.*,
        value.product_key,
        value.product_category,
        value.landed_cost,
        value.landed_cost_currency,
        value.landed_cost_reporting,
        value.landed_cost_source_id,
        value.landed_cost_file_sha256,
        value.landed_cost_source_row,
        value.mass_kg,
        sale.sales_line_key,
        sale.shipped_at,
        sale.unit_price_reporting,
        timeline.first_scan_at,
        timeline.delivered_at,
        timeline.from_country,
        timeline.refunded_at,
        timeline.recovered_at,
        timeline.last_cost_posted_at,
        inspection.first_inspected_at as inspected_at,
        coalesce(inspection.grade_code, unit.source_grade_code) as grade_code,
        inspection.test_result,
        disposition.disposition_code,
        disposition.decided_at as disposition_decided_at,
        disposition.executed_at as disposition_executed_at,
        disposition.resale_channel,
        costs.cost_reporting,
        costs.write_down_reporting,
        coalesce(costs.cost_line_count, 0) as cost_line_count,
        recoveries.recovery_reporting,
        recoveries.fee_income_reporting,
        as_of.as_of
    from {{ ref('int_units__unit') }} as unit
    cross join as_of
    left join {{ ref('int_units__value') }} as value on value.unit_key = unit.unit_key
    left join {{ ref('int_units__sale') }} as sale on sale.unit_key = unit.unit_key
    left join {{ ref('int_units__timeline') }} as timeline on timeline.unit_key = unit.unit_key
    left join {{ ref('int_units__inspection') }} as inspection on inspection.unit_key = unit.unit_key
    left join {{ ref('int_units__disposition') }} as disposition on disposition.unit_key = unit.unit_key
    left join costs on costs.unit_key = unit.unit_key
    left join recoveries on recoveries.unit_key = unit.unit_key
)

select
    unit_key,
    lpn,
    serial_number,
    rma_id,
    rma_line,
    unit_ordinal,
    tracking_number,
    order_id,
    sales_line_key,
    sku,
    product_key,
    product_category,
    return_type,
    reason_code,
    grade_code,
    test_result,
    node_id,
    channel,
    from_country,
    case
        when disposition_executed_at is not null then 'CLOSED'
        when disposition_decided_at is not null then 'DISPOSITIONED'
        when inspected_at is not null then 'GRADED'
        when received_at is not null then 'RECEIVED'
        when delivered_at is not null then 'AT_DOCK'
        when first_scan_at is not null and first_scan_at < as_of - interval 30 day then 'LOST_IN_TRANSIT'
        when first_scan_at is not null then 'IN_TRANSIT'
        when coalesce(authorised_at, requested_at) < as_of - interval 28 day then 'NO_SHOW'
        else 'EXPECTED'
    end as unit_status,
    shipped_at,
    requested_at,
    authorised_at,
    first_scan_at,
    delivered_at,
    received_at,
    inspected_at,
    disposition_decided_at,
    disposition_executed_at,
    refunded_at,
    recovered_at,
    last_cost_posted_at,
    cast(date_trunc('month', received_at) as date) as received_month,
    cast(date_trunc('month', disposition_executed_at) as date) as disposition_month,
    disposition_code,
    resale_channel,
    landed_cost,
    landed_cost_currency,
    landed_cost_reporting,
    landed_cost_source_id,
    landed_cost_file_sha256,
    landed_cost_source_row,
    unit_price_reporting,
    mass_kg,
    cast(cost_reporting as decimal(18, 4)) as cost_reporting,
    cast(write_down_reporting as decimal(18, 4)) as write_down_reporting,
    cast(recovery_reporting as decimal(18, 4)) as recovery_reporting,
    cast(fee_income_reporting as decimal(18, 4)) as fee_income_reporting,
    cost_line_count,
    as_of,
    source_table,
    source_id,
    file_sha256,
    source_row
from joined
