select
    receipt.batch_id,
    receipt.source_id,
    receipt.file.name as file_name,
    json_extract_string(check_row, '$.expectation') as expectation,
    json_extract_string(check_row, '$.severity') as severity,
    cast(json_extract_string(check_row, '$.success') as boolean) as is_success,
    json_extract_string(check_row, '$.observed') as observed
from {{ source('lake', 'receipt') }} as receipt, unnest(from_json(receipt.checks, '["json"]')) as checks (check_row)
