-- Statuses are judged as of the latest event known (dim_as_of), never by the clock on the wall.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'dim_vendor': "
            select unit_key
            from core.fct_return_unit
            where vendor_id in (select vendor_id from {changes})
        ",
        'int_units__identity': "
            select unit_key
            from intermediate.int_units__unit
            where episode_number > 1 and " ~ serial_evidence('serial_number') ~ " in (
                select regexp_replace(evidence, '~[0-9]+$', '') from {changes} where evidence like 'serial:%'
            )
        ",
        'dim_as_of': "
            select unit_key
            from core.fct_return_unit
            where
                unit_status in ('IN_TRANSIT', 'LOST_IN_TRANSIT', 'NO_SHOW', 'EXPECTED')
                and (
                    first_scan_at >= (select min(as_of) - interval 30 day from {changes})
                    and first_scan_at < (select max(as_of) - interval 30 day from {changes})
                    or coalesce(authorised_at, requested_at) >= (select min(as_of) - interval 28 day from {changes})
                    and coalesce(authorised_at, requested_at) < (select max(as_of) - interval 28 day from {changes})
                )
        ",
    },
}}) }}
with costs as (
    select
        cost.unit_key,
        sum(case when category.is_in_trc then cost.amount_reporting else 0 end) as cost_reporting,
        sum(case when category.is_in_trc and category.is_goods_value then cost.amount_reporting else 0 end)
            as given_away_reporting,
        sum(case when category.family = 'WRITE_DOWN' then cost.amount_reporting else 0 end) as write_down_reporting,
        count(*) as cost_line_count,
        count(case when category.category_code is not null then cost.amount_reporting end) = count(*) as is_costed
    from {{ near(ref('fct_cost')) }} as cost
    left join {{ ref('dim_cost_category') }} as category on category.category_code = cost.category_code
    where cost.unit_key is not null
    group by cost.unit_key
),

recoveries as (
    select
        recovery.unit_key,
        sum(case when category.family = 'RECOVERY' then recovery.amount_reporting else 0 end) as recovery_reporting,
        sum(case when category.family = 'INCOME' then recovery.amount_reporting else 0 end) as fee_income_reporting,
        sum(case when recovery.category_code = 'REC_SALE' then recovery.amount_reporting else 0 end)
            as sale_proceeds_reporting,
        max(case when recovery.category_code = 'REC_MKT' then 1 else 0 end) = 1 as is_reimbursed
    from {{ near(ref('fct_recovery')) }} as recovery
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
        value.style_id,
        value.vendor_id,
        value.regulation_class,
        value.is_resale_allowed,
        value.list_price_reporting,
        sale.sales_line_key,
        sale.ordered_at as sale_ordered_at,
        sale.shipped_at,
        sale.delivered_at as customer_delivered_at,
        sale.unit_price_reporting,
        timeline.first_scan_at,
        timeline.delivered_at,
        timeline.from_country,
        timeline.to_country,
        timeline.carrier,
        timeline.refunded_at,
        timeline.recovered_at,
        timeline.sold_at,
        timeline.last_cost_posted_at,
        inspection.first_inspected_at as inspected_at,
        coalesce(inspection.grade_code, unit.source_grade_code) as grade_code,
        inspection.test_result,
        inspection.labour_minutes,
        inspection.found_reason_code,
        coalesce(inspection.damage_cause, unit.source_damage_cause) as damage_cause,
        coalesce(inspection.is_fraud_suspected, false) as is_fraud_suspected,
        coalesce(inspection.is_fraud_confirmed, false) as is_fraud_confirmed,
        coalesce(
            unit.received_sku <> unit.sku
            or inspection.found_sku <> unit.sku
            or value.scanned_weight_kg * 2 < value.catalogue_mass_kg,
            false
        ) as is_swapped,
        disposition.disposition_code,
        disposition.decided_at as disposition_decided_at,
        disposition.executed_at as disposition_executed_at,
        disposition.resale_channel,
        disposition.lot_id,
        costs.cost_reporting,
        costs.given_away_reporting,
        costs.write_down_reporting,
        coalesce(costs.cost_line_count, 0) as cost_line_count,
        coalesce(costs.is_costed, false) as is_costed,
        recoveries.recovery_reporting,
        recoveries.fee_income_reporting,
        recoveries.sale_proceeds_reporting,
        coalesce(recoveries.is_reimbursed, false) as is_reimbursed,
        -- goods that come to be repaired stay their owner's until somebody paid or replaced them
        coalesce(
            disposition.disposition_code = 'REPAIR_RETURN_OWNER'
            or return_type.is_customer_owned and timeline.refunded_at is null,
            false
        ) as is_customer_owned,
        coalesce(
            vendor.credit_share > 0
            and '|' || vendor.reason_families || '|' like '%|' || reason.reason_family || '|%',
            false
        ) as is_covered_by_vendor,
        earlier.unit_key as prior_return_unit_key,
        as_of.as_of
    from {{ near(ref('int_units__unit')) }} as unit
    cross join {{ ref('dim_as_of') }} as as_of
    left join {{ near(ref('int_units__value')) }} as value on value.unit_key = unit.unit_key
    left join {{ near(ref('int_units__sale')) }} as sale on sale.unit_key = unit.unit_key
    left join {{ near(ref('int_units__timeline')) }} as timeline on timeline.unit_key = unit.unit_key
    left join {{ near(ref('int_units__inspection')) }} as inspection on inspection.unit_key = unit.unit_key
    left join {{ near(ref('int_units__disposition')) }} as disposition on disposition.unit_key = unit.unit_key
    left join costs on costs.unit_key = unit.unit_key
    left join recoveries on recoveries.unit_key = unit.unit_key
    left join {{ ref('dim_vendor') }} as vendor
        on
            vendor.vendor_id = value.vendor_id
            and vendor.valid_from <= cast(unit.received_at as date)
            and cast(unit.received_at as date) < vendor.valid_to
    left join {{ ref('dim_return_reason') }} as reason on reason.reason_code = unit.reason_code
    left join {{ ref('dim_return_type') }} as return_type on return_type.return_type = unit.return_type
    -- the same serial number came back before
    left join {{ ref('int_units__identity') }} as earlier
        on
            unit.episode_number > 1
            and earlier.evidence
            = {{ episode_evidence(serial_evidence('unit.serial_number'), '(unit.episode_number - 1)') }}
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
    order_line,
    sales_line_key,
    sku,
    received_sku,
    product_key,
    product_category,
    style_id,
    vendor_id,
    regulation_class,
    is_resale_allowed,
    lot_number,
    expiry_date,
    return_type,
    reason_code,
    found_reason_code,
    grade_code,
    test_result,
    damage_cause,
    is_fraud_suspected,
    is_fraud_confirmed,
    is_swapped,
    node_id,
    channel,
    carrier,
    from_country,
    to_country,
    duty_treatment,
    contract_id,
    contract_end_date,
    customer_key,
    prior_return_unit_key,
    case
        when disposition_code = 'KEPT_BY_CUSTOMER' and received_at is null then 'KEPT_BY_CUSTOMER'
        when disposition_executed_at is not null then 'CLOSED'
        when disposition_decided_at is not null then 'DISPOSITIONED'
        when inspected_at is not null then 'GRADED'
        when received_at is not null then 'RECEIVED'
        when refused_at is not null then 'REFUSED'
        when delivered_at is not null then 'AT_DOCK'
        when first_scan_at is not null and first_scan_at < as_of - interval 30 day then 'LOST_IN_TRANSIT'
        when first_scan_at is not null then 'IN_TRANSIT'
        when coalesce(authorised_at, requested_at) < as_of - interval 28 day then 'NO_SHOW'
        else 'EXPECTED'
    end as unit_status,
    sale_ordered_at,
    shipped_at,
    customer_delivered_at,
    requested_at,
    authorised_at,
    first_scan_at,
    delivered_at,
    refused_at,
    received_at,
    inspected_at,
    disposition_decided_at,
    disposition_executed_at,
    refunded_at,
    sold_at,
    recovered_at,
    last_cost_posted_at,
    cast(date_trunc('month', received_at) as date) as received_month,
    cast(date_trunc('month', disposition_executed_at) as date) as disposition_month,
    disposition_code,
    resale_channel,
    lot_id,
    labour_minutes,
    landed_cost,
    landed_cost_currency,
    landed_cost_reporting,
    landed_cost_source_id,
    landed_cost_file_sha256,
    landed_cost_source_row,
    unit_price_reporting,
    list_price_reporting,
    mass_kg,
    cast(cost_reporting as decimal(18, 4)) as cost_reporting,
    cast(given_away_reporting as decimal(18, 4)) as given_away_reporting,
    cast(write_down_reporting as decimal(18, 4)) as write_down_reporting,
    cast(recovery_reporting as decimal(18, 4)) as recovery_reporting,
    cast(fee_income_reporting as decimal(18, 4)) as fee_income_reporting,
    cast(sale_proceeds_reporting as decimal(18, 4)) as sale_proceeds_reporting,
    is_reimbursed,
    is_customer_owned,
    is_covered_by_vendor and not is_customer_owned as is_vendor_eligible,
    cost_line_count,
    is_costed,
    source_table,
    source_id,
    file_sha256,
    source_row
from joined
