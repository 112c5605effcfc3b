-- What a unit cost landed and what it weighs, each with the record that says so.
{{ config(materialized='touched', meta={'touched': {
    'key': 'unit_key',
    'by': {
        'dim_product': "select unit_key from intermediate.int_units__unit where sku in (select sku from {changes})",
        'fct_fx_rate': rows_of_rates('intermediate.int_units__value', 'unit_key', 'valued_at'),
    },
}}) }}
with units as (
    select
        unit.unit_key,
        unit.sku,
        sale.unit_landed_cost as sale_landed_cost,
        sale.currency as sale_currency,
        {{ lineage_columns('sale') }},
        coalesce(sale.ordered_at, unit.received_at) as valued_at
    from {{ near(ref('int_units__unit')) }} as unit
    left join {{ near(ref('int_units__sale')) }} as sale on sale.unit_key = unit.unit_key
),

valued as (
    select
        units.unit_key,
        units.valued_at,
        product.product_key,
        product.category as product_category,
        product.style_id,
        product.vendor_id,
        product.regulation_class,
        coalesce(product.is_resale_allowed, true) as is_resale_allowed,
        product.list_price,
        product.currency as product_currency,
        product.weight_kg as catalogue_mass_kg,
        coalesce(units.sale_landed_cost, product.unit_cost) as landed_cost,
        case when units.sale_landed_cost is null then product.currency else units.sale_currency end
            as landed_cost_currency,
        case when units.sale_landed_cost is null then product.source_id else units.source_id end
            as landed_cost_source_id,
        case when units.sale_landed_cost is null then product.file_sha256 else units.file_sha256 end
            as landed_cost_file_sha256,
        case when units.sale_landed_cost is null then product.source_row else units.source_row end
            as landed_cost_source_row,
        inspection.scanned_weight_kg,
        coalesce(inspection.scanned_weight_kg, product.weight_kg) as mass_kg,
        case when inspection.scanned_weight_kg is null then product.source_id else inspection.source_id end
            as mass_source_id,
        case when inspection.scanned_weight_kg is null then product.file_sha256 else inspection.file_sha256 end
            as mass_file_sha256,
        case when inspection.scanned_weight_kg is null then product.source_row else inspection.source_row end
            as mass_source_row
    from units
    left join {{ ref('dim_product') }} as product
        on
            product.sku = units.sku
            and product.valid_from <= cast(units.valued_at as date)
            and cast(units.valued_at as date) < product.valid_to
    left join {{ near(ref('int_units__inspection')) }} as inspection on inspection.unit_key = units.unit_key
)

select
    valued.*,
    {{ reporting_amount('valued.landed_cost', 'valued.landed_cost_currency') }} as landed_cost_reporting,
    {{ reporting_amount('valued.list_price', 'valued.product_currency', 'list_fx') }} as list_price_reporting
from valued
{{ join_fx('valued.landed_cost_currency', 'valued.valued_at') }}
{{ join_fx('valued.product_currency', 'valued.valued_at', 'list_fx') }}
