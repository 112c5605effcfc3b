-- One row per publish that changed what is known: how many figures it moved, and up to when it knew.
select
    publish_id,
    max(as_of) as as_of,
    count(*) filter (where slice_dimension = 'ALL') as figure_count,
    count(distinct period_month) as month_count
from marts.mart_kpi_as_known
group by publish_id
order by publish_id desc
