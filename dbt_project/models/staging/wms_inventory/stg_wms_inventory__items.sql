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
    {{ version_columns() }}
from {{ lake_table('wms_inventory', 'items') }}
