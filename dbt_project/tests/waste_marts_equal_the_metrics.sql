-- A metric is defined once: what the waste marts show is what the catalogue's measures add up to.
with shown as (
    {% for kpi_id, column in {
        'F04a': 'diversion_rate_gri', 'F04b': 'diversion_rate_us_epa', 'F04c': 'diversion_rate_ul_2799',
        'F04d': 'diversion_rate_true_zwia', 'F06': 'kept_in_use_rate', 'F07': 'hierarchy_score',
    }.items() -%}
    select
        '{{ kpi_id }}' as kpi_id,
        period_month,
        {{ column }} as value
    from {{ ref('mart_waste_diversion') }}
    union all
    {% endfor -%}
    {% for kpi_id, boundary in {'F08': 'INVENTORY', 'F09': 'AVOIDED'}.items() -%}
    select
        '{{ kpi_id }}' as kpi_id,
        period_month,
        sum(co2e_kg) as value
    from {{ ref('mart_waste_carbon') }}
    where boundary = '{{ boundary }}'
    group by period_month
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
)

select
    kpi.kpi_id,
    kpi.period_month,
    kpi.value as kpi_value,
    shown.value as shown_value
from {{ ref('fct_kpi') }} as kpi
left join shown on shown.kpi_id = kpi.kpi_id and shown.period_month = kpi.period_month
where
    kpi.slice_dimension = 'ALL'
    and kpi.kpi_id in ('F04a', 'F04b', 'F04c', 'F04d', 'F06', 'F07', 'F08', 'F09')
    and coalesce(kpi.value, 0) <> coalesce(shown.value, 0)
