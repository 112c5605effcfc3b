{{ config(materialized='touched', meta={'touched': {
    'key': 'sku',
    'by': 'whole',
}}) }}
{#- What only the native item master tells. -#}
{%- set attributes = {
    'style_id': 'string', 'brand': 'string', 'vendor_id': 'string', 'list_price': 'decimal(18, 4)',
    'regulation_class': 'string', 'is_resale_allowed': 'boolean',
} %}
with versions as (
    {% for items in ['stg_wms_inventory__items', 'stg_backhaul__products'] -%}
    select
        sku,
        effective_from,
        name_en,
        name_fr,
        category,
        unit_cost,
        currency,
        weight_kg,
        hs_code,
        {% for column in attributes -%}
        {% if 'backhaul' in items -%}
        {{ column }},
        {% else -%}
        cast(null as {{ attributes[column] }}) as {{ column }},
        {% endif -%}
        {% endfor -%}
        observed_at,
        record_key,
        source_id,
        file_sha256,
        source_row
    from {{ ref(items) }}
    where is_current
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

one_per_day as (
    select *
    from versions
    qualify row_number() over (
        partition by sku, effective_from
        order by observed_at desc, record_key
    ) = 1
)

select
    {{ surrogate_key(['sku', 'cast(effective_from as string)']) }} as product_key,
    sku,
    effective_from,
    -- what was sold before the first version is valued by it: the item master rarely starts with the shop
    {{ effective_dates('sku') }},
    name_en,
    name_fr,
    category,
    unit_cost,
    currency,
    weight_kg,
    hs_code,
    {% for column in attributes -%}
    {{ column }},
    {% endfor -%}
    source_id,
    file_sha256,
    source_row
from one_per_day
