-- What vendors owe for what their goods brought back, by month of receipt: what their terms of that day promise, what
-- they credited, what is missing, and what can no longer be asked for because its window passed unused.
with eligible as (
    select
        unit.unit_key,
        unit.vendor_id,
        unit.received_month as period_month,
        unit.landed_cost_reporting,
        cast(
            round(cast(unit.landed_cost_reporting as decimal(38, 4)) * coalesce(vendor.credit_share, 0), 4)
            as decimal(18, 4)
        ) as owed_reporting,
        -- a window not told never passes
        {{ add_days('cast(unit.received_at as date)', 'cast(vendor.return_window_days as integer)') }}
        < cast(as_of.as_of as date) as is_window_over
    from {{ ref('fct_return_unit') }} as unit
    cross join {{ ref('dim_as_of') }} as as_of
    inner join {{ ref('dim_vendor') }} as vendor
        on
            vendor.vendor_id = unit.vendor_id
            and vendor.valid_from <= cast(unit.received_at as date)
            and cast(unit.received_at as date) < vendor.valid_to
    where unit.is_vendor_eligible
),

credits as (
    select
        unit_key,
        sum(amount_reporting) as credited_reporting
    from {{ ref('fct_recovery') }}
    where category_code = 'REC_RTV' and unit_key is not null
    group by unit_key
),

asked as (
    select distinct unit_key
    from {{ ref('fct_claim') }}
    where claim_kind = 'VENDOR' and filed_at is not null and unit_key is not null
),

judged as (
    select
        eligible.*,
        coalesce(credits.credited_reporting, 0) as credited_reporting,
        coalesce(eligible.is_window_over, false) and asked.unit_key is null and credits.unit_key is null
            as is_window_missed
    from eligible
    left join credits on credits.unit_key = eligible.unit_key
    left join asked on asked.unit_key = eligible.unit_key
),

named as (
    select
        vendor_id,
        max(case when is_current then vendor_name end) as vendor_name
    from {{ ref('dim_vendor') }}
    group by vendor_id
)

select
    judged.vendor_id,
    named.vendor_name,
    judged.period_month,
    count(*) as eligible_count,
    cast(coalesce(sum(judged.landed_cost_reporting), 0) as decimal(38, 4)) as landed_cost_reporting,
    cast(coalesce(sum(judged.owed_reporting), 0) as decimal(38, 4)) as owed_reporting,
    cast(sum(judged.credited_reporting) as decimal(38, 4)) as credited_reporting,
    cast(coalesce(sum(greatest(judged.owed_reporting - judged.credited_reporting, 0)), 0) as decimal(38, 4))
        as missing_reporting,
    cast(sum(case when judged.is_window_missed then 1 else 0 end) as bigint) as window_missed_count,
    cast(coalesce(sum(case when judged.is_window_missed then judged.owed_reporting end), 0) as decimal(38, 4))
        as window_missed_reporting,
    {{ ratio('sum(judged.credited_reporting)', 'sum(judged.landed_cost_reporting)') }} as vendor_recovery_rate
from judged
left join named on named.vendor_id = judged.vendor_id
group by judged.vendor_id, named.vendor_name, judged.period_month
