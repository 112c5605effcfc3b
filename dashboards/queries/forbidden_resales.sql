-- One row per unit that was resold although resale is not allowed, whatever the months; no more rows than are asked for.
select distinct
    finding.unit_key,
    unit.sku,
    case when $language = 'fr' then disposition.label_fr else disposition.label_en end as disposition_label,
    unit.disposition_executed_at,
    unit.node_id
from quality.quality_finding as finding
left join core.fct_return_unit as unit on unit.unit_key = finding.unit_key
left join core.dim_disposition as disposition on disposition.disposition_code = unit.disposition_code
where finding.rule_id = 'forbidden_resale'
order by unit.disposition_executed_at desc nulls last, finding.unit_key
limit $row_limit
