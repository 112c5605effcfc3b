-- Invariants 14 and 28 in the currency told: what documents tell stands in the facts, matched or not.
select
    check_code,
    period_month,
    currency,
    told_amount,
    matched_amount,
    unmatched_amount,
    difference_amount
from {{ ref('mart_reconciliation') }}
where difference_amount <> 0
