-- One row per metric, month and member of $by, with the filters applied: what each side of the metric sums to.
-- $by is ALL or a slice of fct_kpi, $kpi_id one metric or null for all; along COMPONENT only the numerator is split, the other sides stand for the whole.
with cells as (
    select
        measure_code,
        period_month,
        case $by
            when 'CHANNEL' then coalesce(channel, 'UNKNOWN')
            when 'PRODUCT_CATEGORY' then coalesce(product_category, 'UNKNOWN')
            when 'NODE' then coalesce(node_id, 'UNKNOWN')
            when 'CARRIER' then coalesce(carrier, 'UNKNOWN')
            when 'RETURN_TYPE' then coalesce(return_type, 'UNKNOWN')
            else ''
        end as member,
        case when $by = 'COMPONENT' then component else '' end as component,
        sum(amount) as amount,
        sum(row_count) as row_count
    from core.fct_measure_month
    where
        ($channel is null or channel = $channel)
        and ($product_category is null or product_category = $product_category)
        and ($node_id is null or node_id = $node_id)
        and ($carrier is null or carrier = $carrier)
        and ($return_type is null or return_type = $return_type)
    group by all
),

numerators as (
    select
        measure_code,
        period_month,
        case when $by = 'COMPONENT' then component else member end as member,
        sum(amount) as amount,
        sum(row_count) as row_count
    from cells
    where $by <> 'COMPONENT' or component is not null
    group by all
),

wholes as (
    select
        measure_code,
        period_month,
        member,
        sum(amount) as amount,
        sum(row_count) as row_count
    from cells
    group by all
),

-- measures that no row of theirs tells along the slice or a filter: a metric of such a numerator is unknown there, not zero
untold as (
    select measure_code
    from core.fct_measure_month
    group by measure_code
    having
        (($by = 'CHANNEL' or $channel is not null) and count(channel) = 0)
        or (($by = 'PRODUCT_CATEGORY' or $product_category is not null) and count(product_category) = 0)
        or (($by = 'NODE' or $node_id is not null) and count(node_id) = 0)
        or (($by = 'CARRIER' or $carrier is not null) and count(carrier) = 0)
        or (($by = 'RETURN_TYPE' or $return_type is not null) and count(return_type) = 0)
),

-- a cell is where any side of the metric has rows
places as (
    select distinct
        kpi.kpi_id,
        numerators.period_month,
        numerators.member
    from core.dim_kpi as kpi
    inner join numerators on numerators.measure_code = kpi.numerator_measure
    union
    select distinct
        kpi.kpi_id,
        wholes.period_month,
        wholes.member
    from core.dim_kpi as kpi
    inner join wholes
        on wholes.measure_code in (kpi.denominator_measure, kpi.population_measure, kpi.covered_measure)
    where $by <> 'COMPONENT' and kpi.numerator_measure not in (from untold)
)

select
    places.kpi_id,
    places.period_month,
    places.member,
    coalesce(numerator.amount, 0) as numerator,
    cast(coalesce(numerator.row_count, 0) as bigint) as numerator_count,
    coalesce(denominator.amount, 0) as denominator,
    cast(coalesce(denominator.row_count, 0) as bigint) as denominator_count,
    case when kpi.population_measure is not null then coalesce(population.amount, 0) end as population,
    case when kpi.population_measure is not null then coalesce(covered.amount, 0) end as covered
from places
inner join core.dim_kpi as kpi on kpi.kpi_id = places.kpi_id and ($kpi_id is null or kpi.kpi_id = $kpi_id)
left join numerators as numerator
    on
        numerator.measure_code = kpi.numerator_measure
        and numerator.period_month = places.period_month
        and numerator.member = places.member
left join wholes as denominator
    on
        denominator.measure_code = kpi.denominator_measure
        and denominator.period_month = places.period_month
        and denominator.member = case when $by = 'COMPONENT' then '' else places.member end
left join wholes as population
    on
        population.measure_code = kpi.population_measure
        and population.period_month = places.period_month
        and population.member = case when $by = 'COMPONENT' then '' else places.member end
left join wholes as covered
    on
        covered.measure_code = kpi.covered_measure
        and covered.period_month = places.period_month
        and covered.member = case when $by = 'COMPONENT' then '' else places.member end
order by places.kpi_id, places.member, places.period_month
