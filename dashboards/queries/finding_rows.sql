-- One row per finding of a rule, with file and row.
select
    finding.detail,
    finding.unit_key,
    finding.source_table,
    coalesce(file.file_name, finding.file_sha256) as file_name,
    finding.source_row,
    file.horizon as known_at
from quality.quality_finding as finding
left join core.dim_source_file as file
    on file.source_id = finding.source_id and file.file_sha256 = finding.file_sha256
where finding.rule_id = $rule_id
order by file_name, finding.source_row, finding.detail
limit 5000
