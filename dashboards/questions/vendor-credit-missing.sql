-- title_en: Vendors that owe credit: owed, credited, missing
-- title_fr: Fournisseurs débiteurs : dû, crédité, manquant
-- chart: bar vendor missing_reporting
select
    coalesce(vendor_name, vendor_id) as vendor,
    sum(eligible_count) as eligible_units,
    sum(owed_reporting) as owed_reporting,
    sum(credited_reporting) as credited_reporting,
    sum(missing_reporting) as missing_reporting,
    sum(window_missed_reporting) as window_missed_reporting
from marts.mart_vendor_recovery
group by all
order by missing_reporting desc
