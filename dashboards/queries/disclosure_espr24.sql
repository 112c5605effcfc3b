-- One row per year, product group and family of reasons: unsold goods discarded, as ESPR Article 24 asks.
select
    disclosure.disclosure_year,
    case when $language = 'fr' then espr_group.label_fr else espr_group.label_en end as espr_label,
    espr_group.is_destruction_banned,
    disclosure.reason_family,
    disclosure.unit_count,
    disclosure.weighed_unit_count,
    disclosure.waste_kg,
    disclosure.prepared_for_reuse_share,
    disclosure.recycled_share,
    disclosure.other_recovery_share,
    disclosure.disposed_share
from marts.mart_disclosure_espr24 as disclosure
left join core.dim_espr_group as espr_group on espr_group.espr_group = disclosure.espr_group
order by disclosure.disclosure_year desc, espr_group.sort_order, disclosure.reason_family
