-- One row per charge to dispute in the months of invoice shown, with the carrier applied, the largest amounts first; no
-- more rows than are asked for.
select
    audit.charge_finding_key,
    audit.rule_id,
    case when $language = 'fr' then rule.label_fr else rule.label_en end as rule_label,
    audit.carrier,
    audit.invoice_id,
    audit.invoice_line,
    audit.invoiced_at,
    audit.tracking_number,
    case when $language = 'fr' then class.label_fr else class.label_en end as charge_label,
    audit.disputed_reporting,
    audit.first_invoice_id,
    audit.parcel_weight_kg,
    audit.billed_weight_kg
from marts.mart_invoice_audit as audit
left join core.dim_finding_rule as rule on rule.rule_id = audit.rule_id
left join core.dim_charge_class as class on class.charge_class = audit.charge_class
where
    audit.period_month between $first and $last
    and ($carrier is null or audit.carrier = $carrier)
order by audit.disputed_reporting desc nulls last, audit.charge_finding_key
limit $row_limit
