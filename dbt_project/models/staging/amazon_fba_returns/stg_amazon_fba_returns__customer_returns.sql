select
    returned_at,
    order_id,
    sku,
    asin,
    fnsku,
    product_name,
    quantity,
    fulfillment_center_id as node_id,
    detailed_disposition,
    reason as source_reason,
    status,
    nullif(trim(license_plate_number), '') as lpn,
    -- a reason of size has its category before it: AMZ-PG-APP-TOO-SMALL
    regexp_replace(
        regexp_replace(upper(trim(reason)), '^(CR-|AMZ-PG-)', ''), '^[A-Z]+-TOO-', 'TOO-'
    ) as reason_token,
    {{ version_columns() }}
from {{ lake_table('amazon_fba_returns', 'customer_returns') }}
