-- title_en: Carriers: on time, lost and dearer than quoted, over all months
-- title_fr: Transporteurs : ponctualité, pertes et écarts avec le prix annoncé, tous mois confondus
-- chart: bar carrier variance_reporting
select
    carrier,
    sum(scanned_count) as parcels,
    round(sum(on_time_count) / nullif(sum(promised_count), 0), 4) as on_time_rate,
    round(sum(lost_count) / nullif(sum(scanned_count), 0), 4) as lost_rate,
    sum(freight_reporting) as freight_reporting,
    sum(variance_reporting) as variance_reporting,
    sum(disputed_reporting) as disputed_reporting
from marts.mart_carrier_scorecard
group by all
order by freight_reporting desc
