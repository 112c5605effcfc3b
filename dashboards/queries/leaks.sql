-- One row per refund that leaks in the months of refund shown, channel and category applied, the largest amounts first;
-- no more rows of a rule than are asked for.
select
    leak.refund_leak_key,
    leak.rule_id,
    case when $language = 'fr' then rule.label_fr else rule.label_en end as rule_label,
    case when $language = 'fr' then rule.remedy_fr else rule.remedy_en end as remedy,
    leak.refunded_at,
    leak.method,
    leak.order_id,
    leak.order_line,
    leak.leaked_reporting,
    leak.refunded_amount,
    leak.refund_currency,
    leak.paid_amount_reporting,
    leak.unit_key,
    case when $language = 'fr' then status.label_fr else status.label_en end as status_label,
    leak.product_category,
    count(*) over (partition by leak.rule_id) as leak_count,
    sum(leak.leaked_reporting) over (partition by leak.rule_id) as rule_reporting
from marts.mart_refund_leakage as leak
left join core.dim_finding_rule as rule on rule.rule_id = leak.rule_id
left join core.dim_unit_status as status on status.unit_status = leak.unit_status
where
    leak.period_month between $first and $last
    and ($channel is null or leak.channel = $channel)
    and ($product_category is null or leak.product_category = $product_category)
qualify
    row_number() over (
        partition by leak.rule_id order by leak.leaked_reporting desc nulls last, leak.refund_leak_key
    ) <= $row_limit
order by leak.rule_id, leak.leaked_reporting desc nulls last, leak.refund_leak_key
