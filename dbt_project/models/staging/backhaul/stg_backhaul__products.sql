select
    sku,
    effective_from,
    name_en,
    name_fr,
    category,
    unit_cost,
    upper(currency) as currency,
    weight_kg,
    hs_code,
    style_id,
    brand,
    vendor_id,
    list_price,
    regulation_class,
    is_resale_allowed,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'products') }}
