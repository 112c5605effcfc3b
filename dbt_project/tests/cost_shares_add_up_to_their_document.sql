-- Invariant 14: what the units carry of a cost line is the line, to the last decimal.
{%- set changed = "
    record_key in (select record_key from touched.fct_cost union select record_key from touched.int_costs__line)
" %}
with shares as (
    select
        source_table,
        source_id,
        file_sha256,
        source_row,
        source_path,
        category_code,
        currency,
        sum(amount) as amount
    from {{ lately(ref('fct_cost'), changed, ['fct_cost', 'int_costs__line']) }}
    group by 1, 2, 3, 4, 5, 6, 7
),

lines as (
    select
        source_table,
        source_id,
        file_sha256,
        source_row,
        source_path,
        category_code,
        currency,
        sum(amount) as amount
    from {{ lately(ref('int_costs__line'), changed, ['fct_cost', 'int_costs__line']) }}
    group by 1, 2, 3, 4, 5, 6, 7
)

select
    lines.*,
    shares.amount as allocated_amount
from lines
left join shares
    on
        shares.source_table = lines.source_table
        and shares.source_id = lines.source_id
        and shares.file_sha256 = lines.file_sha256
        and shares.source_row = lines.source_row
        and shares.source_path is not distinct from lines.source_path
        and shares.category_code is not distinct from lines.category_code
        and shares.currency is not distinct from lines.currency
where shares.amount is distinct from lines.amount
