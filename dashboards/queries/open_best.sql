-- One row per route that is the best for some open unit, with the category applied: units, what they are expected to
-- bring by it, and what the next best would bring less.
select
    best.disposition_code,
    max(case when $language = 'fr' then disposition.label_fr else disposition.label_en end) as label,
    sum(best.unit_count) as unit_count,
    sum(best.expected_net_reporting) as expected_net_reporting,
    sum(best.margin_to_next_reporting) as margin_reporting
from marts.mart_best_route as best
inner join core.dim_disposition as disposition on disposition.disposition_code = best.disposition_code
where $product_category is null or best.product_category = $product_category
group by best.disposition_code
order by unit_count desc, best.disposition_code
