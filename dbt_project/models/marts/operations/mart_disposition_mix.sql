-- Where closed units went, by number, mass and value: the three differ.
with closed as (
    select
        disposition_month as period_month,
        disposition_code,
        coalesce(product_category, 'UNKNOWN') as product_category,
        count(*) as unit_count,
        count(mass_kg) as weighed_count,
        cast(coalesce(sum(mass_kg), 0) as decimal(38, 6)) as mass_kg,
        count(landed_cost_reporting) as valued_count,
        cast(coalesce(sum(landed_cost_reporting), 0) as decimal(38, 4)) as landed_cost_reporting
    from {{ ref('fct_return_unit') }}
    where disposition_month is not null
    group by 1, 2, 3
)

select
    {% for column, share in {
        'unit_count': 'unit_share', 'mass_kg': 'mass_share', 'landed_cost_reporting': 'value_share',
    }.items() -%}
    {{ ratio(column, 'sum(' ~ column ~ ') over (partition by period_month, product_category)') }} as {{ share }},
    {% endfor -%}
    *
from closed
