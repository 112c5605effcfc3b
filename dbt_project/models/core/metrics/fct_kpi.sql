-- Every metric of the catalogue by month, as a whole and along each slice: what its measures sum to, and their ratio.
with cells as (
    select * from {{ ref('fct_measure_month') }}
),

sliced as (
    select
        measure_code,
        period_month,
        'ALL' as slice_dimension,
        '' as slice_member,
        sum(amount) as amount,
        cast(sum(row_count) as bigint) as row_count
    from cells
    group by measure_code, period_month
    {%- for dimension, column in slice_dimensions().items() %}
    union all
    select
        measure_code,
        period_month,
        '{{ dimension }}' as slice_dimension,
        {{ column }} as slice_member,
        sum(amount) as amount,
        cast(sum(row_count) as bigint) as row_count
    from cells
    where {{ column }} is not null
    group by measure_code, period_month, {{ column }}
    {%- endfor %}
),

-- slices that no row of a measure tells: a metric cannot be cut along those of its numerator, and is not zero there
untold as (
    select
        measures.measure_code,
        slices.slice_dimension
    from (select distinct measure_code from sliced) as measures
    cross join (select distinct slice_dimension from sliced) as slices
    except
    select
        measure_code,
        slice_dimension
    from sliced
),

-- a cell of a metric is where any of its measures has rows; along COMPONENT only the numerator is split
roles as (
    {% for role in ['numerator', 'denominator', 'population', 'covered'] -%}
    select
        kpi.kpi_id,
        '{{ role }}' as kpi_role,
        sliced.period_month,
        sliced.slice_dimension,
        sliced.slice_member,
        sliced.amount,
        sliced.row_count
    from {{ ref('dim_kpi') }} as kpi
    inner join sliced on sliced.measure_code = kpi.{{ role }}_measure
    {% if role != 'numerator' -%}
    left join untold
        on untold.measure_code = kpi.numerator_measure and untold.slice_dimension = sliced.slice_dimension
    where sliced.slice_dimension <> 'COMPONENT' and untold.measure_code is null
    {% endif -%}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

summed as (
    select
        kpi_id,
        period_month,
        slice_dimension,
        slice_member,
        {% for role in ['numerator', 'denominator', 'population', 'covered'] -%}
        sum(case when kpi_role = '{{ role }}' then amount end) as {{ role }},
        {% endfor -%}
        sum(case when kpi_role = 'denominator' then row_count end) as denominator_count,
        sum(case when kpi_role = 'numerator' then row_count end) as numerator_count
    from roles
    group by kpi_id, period_month, slice_dimension, slice_member
),

as_of as (
    select max(horizon) as as_of from {{ source('lake', 'receipt') }}
),

figures as (
    select
        summed.kpi_id,
        summed.period_month,
        summed.slice_dimension,
        summed.slice_member,
        kpi.definition_version,
        kpi.basis,
        kpi.kind,
        kpi.unit,
        kpi.maturity_days,
        kpi.population_measure,
        coalesce(summed.numerator, 0) as numerator,
        case
            when kpi.kind = 'DURATION' then coalesce(summed.numerator_count, 0)
            when kpi.kind = 'SUM' then null
            when summed.slice_dimension = 'COMPONENT' then coalesce(whole.denominator, 0)
            else coalesce(summed.denominator, 0)
        end as denominator,
        coalesce(
            case when kpi.kind = 'RATIO' then summed.denominator_count else summed.numerator_count end, 0
        ) as measured_count,
        case when summed.slice_dimension = 'COMPONENT' then whole.population else summed.population end as population,
        case when summed.slice_dimension = 'COMPONENT' then whole.covered else summed.covered end as covered
    from summed
    inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = summed.kpi_id
    left join summed as whole
        on
            whole.kpi_id = summed.kpi_id
            and whole.period_month = summed.period_month
            and whole.slice_dimension = 'ALL'
)

select
    figures.kpi_id,
    figures.period_month,
    figures.slice_dimension,
    figures.slice_member,
    figures.definition_version,
    figures.basis,
    figures.unit,
    cast(figures.numerator as decimal(38, 8)) as numerator,
    cast(figures.denominator as decimal(38, 8)) as denominator,
    -- nothing known is no figure, and not zero
    case
        when figures.population > 0 and coalesce(figures.covered, 0) = 0 then null
        when figures.kind = 'DURATION' then durations.median_days
        when figures.kind = 'SUM' then cast(figures.numerator as decimal(18, 6))
        else cast(figures.numerator / nullif(figures.denominator, 0) as decimal(18, 6))
    end as value,
    durations.p90_days,
    cast(figures.measured_count as bigint) as measured_count,
    cast(coalesce(figures.population, figures.denominator, figures.measured_count) as decimal(38, 8)) as population,
    case
        when figures.population_measure is null or coalesce(figures.population, 0) = 0 then cast(1 as decimal(9, 6))
        else cast(coalesce(figures.covered, 0) / nullif(figures.population, 0) as decimal(9, 6))
    end as coverage,
    {{ add_days('last_day(figures.period_month)', 'figures.maturity_days') }} < cast(as_of.as_of as date) as is_mature,
    as_of.as_of
from figures
cross join as_of
inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = figures.kpi_id
left join {{ ref('fct_measure_duration') }} as durations
    on
        durations.measure_code = kpi.numerator_measure
        and durations.period_month = figures.period_month
        and durations.slice_dimension = figures.slice_dimension
        and durations.slice_member = figures.slice_member
