-- Why a unit came back: what was stated on its return records, and what inspectors found. Several reasons of one role
-- share the unit; weights add up to 1.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'int_units__return_record': units_of_returns(),
    },
}}) }}
with told as (
    select distinct
        identity.unit_key,
        'STATED' as reason_role,
        record.reason_code
    from {{ near(ref('int_units__return_record'), returns_of_units()) }} as record
    inner join {{ near(ref('int_units__identity')) }} as identity on identity.evidence = record.unit_evidence
    where record.reason_code is not null
    union all
    select distinct
        unit_key,
        'FOUND' as reason_role,
        found_reason_code as reason_code
    from {{ near(ref('fct_inspection')) }}
    where unit_key is not null and found_reason_code is not null
),

counted as (
    select
        *,
        row_number() over (partition by unit_key, reason_role order by reason_code) as reason_rank,
        cast(count(*) over (partition by unit_key, reason_role) as bigint) as reason_count
    from told
)

select
    unit_key,
    reason_role,
    reason_code,
    -- the first takes what six decimals leave over
    cast(
        case
            when reason_rank = 1
                then
                    1000000
                    - (reason_count - 1) * ({{ integer_divide('cast(1000000 as bigint)', 'reason_count') }})
            else {{ integer_divide('cast(1000000 as bigint)', 'reason_count') }}
        end * cast(0.000001 as decimal(7, 6)) as decimal(9, 6)
    ) as reason_share
from counted
