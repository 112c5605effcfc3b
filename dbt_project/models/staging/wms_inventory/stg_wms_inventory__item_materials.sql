select
    sku,
    upper(material_code) as material_code,
    mass_share,
    {{ version_columns() }}
from {{ lake_table('wms_inventory', 'item_materials') }}
