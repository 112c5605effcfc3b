-- One row per rule: how many rows it found, and what a person does about them.
select
    finding.rule_id,
    max(case when $language = 'fr' then rule.label_fr else rule.label_en end) as label,
    max(case when $language = 'fr' then rule.remedy_fr else rule.remedy_en end) as remedy,
    any_value(rule.rule_family) as rule_family,
    count(*) as finding_count,
    count(distinct finding.unit_key) as unit_count
from quality.quality_finding as finding
left join core.dim_finding_rule as rule on rule.rule_id = finding.rule_id
group by finding.rule_id
order by finding_count desc, finding.rule_id
