-- One row per check and currency over the months shown: what was told, what was matched, what is left.
select
    case when $language = 'fr' then check_of.label_fr else check_of.label_en end as label,
    check_of.is_money,
    reconciled.currency,
    sum(reconciled.record_count) as record_count,
    sum(reconciled.told_amount) as told_amount,
    sum(reconciled.matched_amount) as matched_amount,
    sum(reconciled.unmatched_amount) as unmatched_amount,
    sum(reconciled.difference_amount) as difference_amount
from marts.mart_reconciliation as reconciled
inner join core.dim_reconciliation as check_of on check_of.check_code = reconciled.check_code
group by all
order by label, reconciled.currency
