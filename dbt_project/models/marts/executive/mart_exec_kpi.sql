with sums as (
    select
        kpi_id,
        period_month,
        sum(case when kpi_role = 'NUMERATOR' then amount else 0 end) as numerator,
        sum(case when kpi_role = 'DENOMINATOR' then amount else 0 end) as denominator,
        count(distinct case when kpi_role = 'DENOMINATOR' then unit_key end) as unit_count
    from {{ ref('mart_kpi_contribution') }}
    group by kpi_id, period_month
),

-- coverage: the share of the units of the period whose inputs are known
periods as (
    select
        kpi.kpi_id,
        unit.as_of,
        case when kpi.basis = 'RECEIPT' then unit.received_month else unit.disposition_month end as period_month,
        case
            when kpi.kpi_id = 'B02' then unit.cost_line_count > 0
            when kpi.kpi_id in ('C01', 'C03') then unit.landed_cost_reporting is not null
            else unit.mass_kg is not null
        end as is_covered
    from {{ ref('fct_return_unit') }} as unit
    cross join {{ ref('dim_kpi') }} as kpi
),

coverage as (
    select
        kpi_id,
        period_month,
        count(*) as units_in_period,
        count_if(is_covered) as units_covered,
        max(as_of) as as_of
    from periods
    where period_month is not null
    group by kpi_id, period_month
)

select
    coverage.kpi_id,
    coverage.period_month,
    kpi.definition_version,
    kpi.basis,
    kpi.unit,
    cast(coalesce(sums.numerator, 0) as decimal(38, 6)) as numerator,
    cast(coalesce(sums.denominator, 0) as decimal(38, 6)) as denominator,
    -- nothing known is no figure, and not zero
    case
        when coverage.units_covered > 0 then cast(sums.numerator / nullif(sums.denominator, 0) as decimal(18, 6))
    end as value,
    coalesce(sums.unit_count, 0) as unit_count,
    coverage.units_in_period,
    cast(coverage.units_covered / coverage.units_in_period as decimal(9, 6)) as coverage,
    coverage.as_of
from coverage
inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = coverage.kpi_id
left join sums on sums.kpi_id = coverage.kpi_id and sums.period_month = coverage.period_month
