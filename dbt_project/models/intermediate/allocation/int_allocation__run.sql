-- The run that shares each line: all lines of a cost object in one currency, over its units, by one driver. Where the
-- driver that a category asks for is not known of every unit, the next best is taken; a run without a driver found no
-- unit. Its id says what it rests on, the version of the rules, the lines and the weights of the units: the same rests
-- on the same, whatever came first.
{{ config(materialized='touched', meta={'touched': {
    'key': 'cost_object_id',
    'by': {},
}}) }}
with member as (
    select
        *,
        {% for driver in ['mass', 'value', 'minutes'] -%}
        cast(unit_key as string) || '|' || cast(unit_rank as string) || '|'
        || coalesce(cast({{ driver }}_weight as string), '') as {{ driver }}_told,
        {% endfor -%}
        cast(unit_key as string) || '|' || cast(unit_rank as string) as equal_told
    from {{ near(ref('int_allocation__object_unit')) }}
),

objects as (
    select
        cost_object_kind,
        cost_object_id,
        bool_or(has_mass) as has_mass,
        bool_or(has_value) as has_value,
        bool_or(has_minutes) as has_minutes
    from member
    group by cost_object_kind, cost_object_id
),

lines as (
    select
        line.source_table,
        line.record_key,
        line.cost_object_kind,
        line.cost_object_id,
        line.amount,
        line.currency,
        case
            when objects.cost_object_id is null then null
            when line.cost_object_kind = 'NODE' and line.allocation_driver = 'MINUTES' and objects.has_minutes
                then 'MINUTES'
            when line.cost_object_kind = 'NODE' then 'EQUAL'
            when line.cost_object_kind = 'PARCEL' and line.allocation_driver <> 'VALUE' and objects.has_mass then 'MASS'
            when objects.has_value then 'VALUE'
            else 'EQUAL'
        end as driver
    from {{ near(ref('int_allocation__line')) }} as line
    left join objects
        on objects.cost_object_kind = line.cost_object_kind and objects.cost_object_id = line.cost_object_id
),

pools as (
    select
        cost_object_kind,
        cost_object_id,
        driver,
        currency,
        {{ sorted_texts("source_table || '|' || cast(record_key as string) || '|' || cast(amount as string)") }}
            as lines_told
    from lines
    group by cost_object_kind, cost_object_id, driver, currency
),

wanted as (
    select distinct
        cost_object_kind,
        cost_object_id,
        driver
    from lines
    where driver is not null
),

bearers as (
    select
        wanted.cost_object_kind,
        wanted.cost_object_id,
        wanted.driver,
        {{ sorted_texts(
            "case wanted.driver when 'MASS' then member.mass_told when 'VALUE' then member.value_told"
            ~ " when 'MINUTES' then member.minutes_told else member.equal_told end"
        ) }} as units_told
    from wanted
    inner join member
        on member.cost_object_kind = wanted.cost_object_kind and member.cost_object_id = wanted.cost_object_id
    group by wanted.cost_object_kind, wanted.cost_object_id, wanted.driver
)

select
    lines.source_table,
    lines.record_key,
    lines.cost_object_kind,
    lines.cost_object_id,
    lines.driver,
    lines.amount,
    lines.currency,
    md5(
        '{{ var("allocation_rule_version") }}|' || lines.cost_object_kind || '|' || lines.cost_object_id
        || '|' || coalesce(lines.driver, '') || '|' || coalesce(lines.currency, '')
        || '#' || pools.lines_told || '#' || coalesce(bearers.units_told, '')
    ) as allocation_run_id
from lines
inner join pools
    on
        pools.cost_object_kind = lines.cost_object_kind
        and pools.cost_object_id = lines.cost_object_id
        and pools.driver is not distinct from lines.driver
        and pools.currency is not distinct from lines.currency
left join bearers
    on
        bearers.cost_object_kind = lines.cost_object_kind
        and bearers.cost_object_id = lines.cost_object_id
        and bearers.driver = lines.driver
