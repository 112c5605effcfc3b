-- Mass by month: received, and closed by where it went. A unit that was never received (kept by the customer, lost)
-- enters and leaves in the month it is closed.
-- depends_on: {{ ref('fct_measure_month') }}, {{ ref('fct_measure_cost') }}: what changed in the facts
{{ config(materialized='touched', meta={'touched': {
    'key': 'period_month',
    'by': {
        'fct_return_unit': "
            select received_month from {changes}
            union
            select disposition_month from {changes}
        ",
        'fct_unit_mass': "select disposition_month from {changes}",
        'fct_measure_cost': "select measured_on from {changes} where false",
        'fct_measure_month': "select period_month from {changes} where false",
    },
}}) }}
{%- set mass_classes = [
    'prevented', 'prepared_for_reuse', 'recycled', 'energy_recovery', 'disposed', 'fate_unknown', 'lost', 'in_process'
] %}
{%- set kinds = {
    'received': 'received_count', 'unreceived': 'unreceived_count', 'closed': 'closed_line_count',
} %}
{%- set closed_masses = kinds.keys() | list + mass_classes + ['donated', 'liquidated', 'hierarchy'] %}
{%- set masses %}
    select
        coalesce(received_month, disposition_month) as period_month,
        case when received_month is null then 'unreceived' else 'received' end as flow_kind,
        cast(null as string) as mass_class,
        cast(null as string) as disposition_code,
        cast(null as decimal(9, 4)) as hierarchy_weight,
        cast(null as boolean) as is_waste,
        mass_kg
    from {{ ref('fct_return_unit') }}
    where coalesce(received_month, disposition_month) is not null and mass_kg is not null
    union all
    select
        mass.disposition_month as period_month,
        'closed' as flow_kind,
        mass.mass_class,
        unit.disposition_code,
        mass_class.hierarchy_weight,
        mass_class.is_waste,
        mass.mass_kg
    from {{ ref('fct_unit_mass') }} as mass
    inner join {{ ref('fct_return_unit') }} as unit on unit.unit_key = mass.unit_key
    inner join {{ ref('dim_mass_class') }} as mass_class on mass_class.mass_class = mass.mass_class
{%- endset %}
with changes as (
    select
        period_month,
        {% for kind, count in kinds.items() -%}
        case when flow_kind = '{{ kind }}' then row_change else 0 end as {{ count }},
        case when flow_kind = '{{ kind }}' then mass_kg * row_change else 0 end as {{ kind }}_kg,
        {% endfor -%}
        {% for mass_class in mass_classes -%}
        case when mass_class = '{{ mass_class | upper }}' then mass_kg * row_change else 0 end as {{ mass_class }}_kg,
        {% endfor -%}
        -- what a ticket weighed as waste was neither given nor sold on, whatever was decided
        case when disposition_code = 'DONATE' and not is_waste then mass_kg * row_change else 0 end as donated_kg,
        case when disposition_code in ('LIQUIDATE_B2B', 'SALVAGE') and not is_waste then mass_kg * row_change else 0 end
            as liquidated_kg,
        coalesce(cast(mass_kg * hierarchy_weight as decimal(18, 8)) * row_change, 0) as hierarchy_points,
        case when hierarchy_weight is not null then mass_kg * row_change else 0 end as hierarchy_kg
    from {{ changes_of_query(masses) }} as masses
)

{%- set sums = {'hierarchy_points': 'decimal(38, 8)'} %}
{%- for column in kinds.values() %}{% do sums.update({column: 'bigint'}) %}{% endfor %}
{%- for column in closed_masses %}{% do sums.update({column ~ '_kg': 'decimal(38, 6)'}) %}{% endfor %}

select *
from {{ carried_on('changes', ['period_month'], sums) }} as summed
where {{ kinds.values() | join(' + ') }} > 0
