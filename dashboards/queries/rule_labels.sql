-- One row per rule of findings, with its words and what to do about it.
select
    rule_id,
    case when $language = 'fr' then label_fr else label_en end as label,
    case when $language = 'fr' then remedy_fr else remedy_en end as remedy
from core.dim_finding_rule
order by rule_id
