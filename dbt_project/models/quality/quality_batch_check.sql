select
    receipt.batch_id,
    receipt.source_id,
    receipt.file_name,
    outcome.expectation,
    outcome.severity,
    outcome.is_success,
    outcome.observed
from {{ source('lake', 'receipt_check') }} as outcome
inner join {{ source('lake', 'receipt') }} as receipt on receipt.batch_id = outcome.batch_id
