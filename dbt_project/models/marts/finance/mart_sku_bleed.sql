-- Which SKUs lose most on their returns: units received in the twelve months before the as-of date. Net loss is costs
-- and write-downs less fees and credits (proceeds stand in the write-down).
with units as (
    select
        unit.sku,
        max(unit.product_category) as product_category,
        count(*) as unit_count,
        count(unit.landed_cost_reporting) as valued_count,
        count(case when unit.is_costed then 1 end) as costed_count,
        coalesce(sum(unit.landed_cost_reporting), 0) as landed_cost_reporting,
        coalesce(sum(unit.cost_reporting), 0) as cost_reporting,
        coalesce(sum(unit.write_down_reporting), 0) as write_down_reporting,
        coalesce(sum(unit.sale_proceeds_reporting), 0) as proceeds_reporting,
        coalesce(sum(unit.recovery_reporting), 0) - coalesce(sum(unit.sale_proceeds_reporting), 0) as credit_reporting,
        coalesce(sum(unit.fee_income_reporting), 0) as fee_income_reporting,
        count(case when reason.reason_family = 'DEFECT' then unit.test_result end) as defect_tested_count,
        count(case when reason.reason_family = 'DEFECT' and unit.test_result = 'OK' then 1 end) as no_fault_found_count
    from {{ ref('fct_return_unit') }} as unit
    left join {{ ref('dim_return_reason') }} as reason on reason.reason_code = unit.reason_code
    cross join {{ ref('dim_as_of') }} as as_of
    where unit.received_at > as_of.as_of - interval 365 day
    group by unit.sku
),

losses as (
    select
        *,
        cost_reporting + write_down_reporting - credit_reporting - fee_income_reporting as net_loss_reporting
    from units
),

ranked as (
    select
        *,
        row_number() over (order by net_loss_reporting desc, sku) as loss_rank,
        sum(greatest(net_loss_reporting, 0)) over (order by net_loss_reporting desc, sku rows unbounded preceding)
            as running_loss,
        sum(greatest(net_loss_reporting, 0)) over () as total_loss
    from losses
)

select
    sku,
    product_category,
    unit_count,
    valued_count,
    costed_count,
    {% for column in [
        'landed_cost', 'cost', 'write_down', 'proceeds', 'credit', 'fee_income', 'net_loss',
    ] -%}
    cast({{ column }}_reporting as decimal(38, 4)) as {{ column }}_reporting,
    {% endfor -%}
    cast({{ ratio('net_loss_reporting', 'unit_count') }} as decimal(18, 4)) as net_loss_per_unit_reporting,
    loss_rank,
    {{ ratio('running_loss', 'total_loss') }} as running_loss_share,
    defect_tested_count,
    no_fault_found_count
from ranked
