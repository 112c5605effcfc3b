select
    receipt.batch_id,
    receipt.source_id,
    receipt.file_name,
    receipt.landed_at,
    change.change_kind,
    change.table_name,
    change.column_name,
    change.detail
from {{ source('lake', 'receipt_change') }} as change
inner join {{ source('lake', 'receipt') }} as receipt on receipt.batch_id = change.batch_id
