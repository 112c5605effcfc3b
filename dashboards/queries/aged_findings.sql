-- One row per finding of a rule that was known before a moment (UTC), the longest known first, as many as are asked for.
select
    finding.detail,
    finding.unit_key,
    coalesce(file.file_name, finding.file_sha256) as file_name,
    finding.source_row,
    coalesce(file.horizon, file.landed_at) as known_at,
    count(*) over () as finding_count
from quality.quality_finding as finding
inner join core.dim_source_file as file
    on file.source_id = finding.source_id and file.file_sha256 = finding.file_sha256
where finding.rule_id = $rule_id and coalesce(file.horizon, file.landed_at) < $known_before
order by known_at, file_name, finding.source_row, finding.detail
limit $row_limit
