-- One row per cost, recovery and refund of a unit; costs and refunds negative, reporting currency.
with amounts as (
    select
        category_code,
        posted_at as told_at,
        allocation_method,
        -amount_reporting as amount_reporting,
        source_id,
        file_sha256,
        source_row,
        source_table
    from core.fct_cost
    where unit_key = $unit_key
    union all
    select
        category_code,
        recovered_at as told_at,
        allocation_method,
        amount_reporting,
        source_id,
        file_sha256,
        source_row,
        source_table
    from core.fct_recovery
    where unit_key = $unit_key
)

select
    amounts.told_at,
    case when $language = 'fr' then category.label_fr else category.label_en end as label,
    amounts.allocation_method,
    amounts.amount_reporting,
    coalesce(file.file_name, amounts.file_sha256) as file_name,
    amounts.source_row,
    amounts.source_table
from amounts
left join core.dim_cost_category as category on category.category_code = amounts.category_code
left join core.dim_source_file as file
    on file.source_id = amounts.source_id and file.file_sha256 = amounts.file_sha256
order by amounts.told_at, label, amounts.amount_reporting
