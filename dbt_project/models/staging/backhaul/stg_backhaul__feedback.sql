select
    answer_id,
    order_id,
    rma_id,
    {{ hashed('customer_ref') }} as customer_key,
    answered_at,
    survey,
    score,
    {{ version_columns() }}
from {{ lake_table('backhaul', 'feedback') }}
