-- Discarded unsold goods of the year by customs group and reason: number, weight, and where the weight went. Unsold
-- are stock and goods that came back undelivered, exchanged or returned by the customer; donated goods are not
-- disclosed, goods used up by their owner (warranty, end of life, trade-in, core, lease) are another matter.
with units as (
    select
        unit.unit_key,
        cast(year(unit.disposition_month) as bigint) as disclosure_year,
        coalesce(reason.reason_family, 'OTHER') as reason_family,
        -- the heading is the first four digits of a customs code
        try_cast(substr(product.hs_code, 1, 4) as integer) as heading,
        unit.mass_kg
    from {{ ref('fct_return_unit') }} as unit
    inner join {{ ref('dim_disposition') }} as disposition on disposition.disposition_code = unit.disposition_code
    inner join {{ ref('dim_return_type') }} as return_type on return_type.return_type = unit.return_type
    left join {{ ref('dim_return_reason') }} as reason on reason.reason_code = unit.reason_code
    left join {{ ref('dim_product') }} as product on product.product_key = unit.product_key
    where unit.disposition_month is not null and disposition.is_waste and return_type.is_unsold_good
),

grouped as (
    select
        units.*,
        coalesce(map.espr_group, case when units.heading is null then 'UNKNOWN' else 'OTHER' end) as espr_group
    from units
    left join {{ ref('map_hs_espr_group') }} as map
        on units.heading between map.heading_from and map.heading_to
),

masses as (
    select
        unit_key,
        {% for mass_class in ['prepared_for_reuse', 'recycled', 'energy_recovery', 'disposed'] -%}
        sum(case when mass_class = '{{ mass_class | upper }}' then mass_kg else 0 end) as {{ mass_class }}_kg,
        {% endfor -%}
        sum(mass_kg) as waste_kg
    from {{ ref('fct_unit_mass') }}
    group by unit_key
),

summed as (
    select
        grouped.disclosure_year,
        grouped.espr_group,
        grouped.reason_family,
        count(*) as unit_count,
        sum(case when grouped.mass_kg is not null then 1 else 0 end) as weighed_unit_count,
        coalesce(sum(masses.waste_kg), 0) as waste_kg,
        coalesce(sum(masses.prepared_for_reuse_kg), 0) as prepared_for_reuse_kg,
        coalesce(sum(masses.recycled_kg), 0) as recycled_kg,
        coalesce(sum(masses.energy_recovery_kg), 0) as other_recovery_kg,
        coalesce(sum(masses.disposed_kg), 0) as disposed_kg
    from grouped
    left join masses on masses.unit_key = grouped.unit_key
    group by grouped.disclosure_year, grouped.espr_group, grouped.reason_family
)

select
    disclosure_year,
    espr_group,
    reason_family,
    cast(unit_count as bigint) as unit_count,
    cast(weighed_unit_count as bigint) as weighed_unit_count,
    {% for column in ['waste', 'prepared_for_reuse', 'recycled', 'other_recovery', 'disposed'] -%}
    cast({{ column }}_kg as decimal(38, 6)) as {{ column }}_kg,
    {% endfor -%}
    {% for column in ['prepared_for_reuse', 'recycled', 'other_recovery', 'disposed'] -%}
    cast({{ column }}_kg / nullif(waste_kg, 0) as decimal(9, 6)) as {{ column }}_share
    {%- if not loop.last %},{% endif %}
    {% endfor %}
from summed
