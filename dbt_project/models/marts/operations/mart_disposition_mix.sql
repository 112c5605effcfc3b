-- Where closed units went, by number, mass and value: the three differ.
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {'fct_return_unit': "select disposition_month from {changes}"},
}}) }}
with unit as (
    select
        disposition_month as period_month,
        disposition_code,
        coalesce(product_category, 'UNKNOWN') as product_category,
        row_change as unit_count,
        case when mass_kg is null then 0 else row_change end as weighed_count,
        coalesce(mass_kg, 0) * row_change as mass_kg,
        case when landed_cost_reporting is null then 0 else row_change end as valued_count,
        coalesce(landed_cost_reporting, 0) * row_change as landed_cost_reporting
    from {{ changes_of(ref('fct_return_unit')) }}
    where disposition_month is not null
),

closed as (
    select *
    from
        {{ carried_on('unit', ['period_month', 'disposition_code', 'product_category'], {
            'unit_count': 'bigint', 'weighed_count': 'bigint', 'mass_kg': 'decimal(38, 6)', 'valued_count': 'bigint',
            'landed_cost_reporting': 'decimal(38, 4)',
        }) }} as closed
    where unit_count > 0
)

select
    {% for column, share in {
        'unit_count': 'unit_share', 'mass_kg': 'mass_share', 'landed_cost_reporting': 'value_share',
    }.items() -%}
    {{ ratio(column, 'sum(' ~ column ~ ') over (partition by period_month, product_category)') }} as {{ share }},
    {% endfor -%}
    *
from closed
