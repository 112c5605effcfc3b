-- One row per disposition over the months shown, with the channel applied; reporting currency. Largest landed cost first.
select
    recovery.disposition_code,
    max(case when $language = 'fr' then disposition.label_fr else disposition.label_en end) as label,
    sum(recovery.unit_count) as unit_count,
    sum(recovery.landed_cost_reporting) as landed_cost_reporting,
    sum(recovery.gross_proceeds_reporting) as gross_proceeds_reporting,
    sum(recovery.net_recovery_reporting) as net_recovery_reporting
from marts.mart_recovery as recovery
inner join core.dim_disposition as disposition on disposition.disposition_code = recovery.disposition_code
where
    recovery.period_month between $first and $last
    and ($channel is null or recovery.channel = $channel)
group by recovery.disposition_code
order by landed_cost_reporting desc, recovery.disposition_code
