-- title_en: The four diversion rates side by side, with what stayed in use
-- title_fr: Les quatre taux de détournement côte à côte, et ce qui est resté en usage
-- chart: line period_month rate definition
unpivot (
    select
        period_month,
        kept_in_use_rate,
        diversion_rate_gri,
        diversion_rate_us_epa,
        diversion_rate_ul_2799,
        diversion_rate_true_zwia
    from marts.mart_waste_diversion
)
on columns(* exclude (period_month))
into name definition value rate
