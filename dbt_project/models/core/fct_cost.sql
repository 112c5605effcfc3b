{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'fct_fx_rate': rows_of_rates('core.fct_cost', 'record_key', 'posted_at'),
    },
}}) }}
with shares as (
    select
        line.source_table,
        line.record_key,
        coalesce(share.unit_key, line.unit_key) as unit_key,
        case
            when share.unit_key is not null then share.allocation_method
            when line.unit_key is not null then 'DIRECT'
            else 'UNALLOCATED'
        end as allocation_method,
        run.allocation_run_id,
        line.document_id,
        line.tracking_number,
        line.lot_id,
        line.node_id,
        line.category_code,
        line.posted_at,
        line.paid_at,
        cast(coalesce(share.amount, line.amount) as decimal(18, 4)) as amount,
        line.currency,
        line.is_planned,
        {{ lineage_columns('line') }},
        line.source_path
    from {{ near(ref('int_costs__line')) }} as line
    left join {{ near(ref('int_allocation__run')) }} as run
        on run.source_table = line.source_table and run.record_key = line.record_key
    left join {{ near(ref('int_allocation__share')) }} as share
        on share.source_table = line.source_table and share.record_key = line.record_key
)

select
    {{ surrogate_key([
        'shares.source_table', 'shares.record_key', "coalesce(cast(shares.unit_key as string), '')",
    ]) }} as cost_key,
    shares.record_key,
    shares.unit_key,
    shares.category_code,
    shares.allocation_method,
    shares.allocation_run_id,
    shares.document_id,
    shares.tracking_number,
    shares.lot_id,
    shares.node_id,
    shares.posted_at,
    shares.paid_at,
    shares.amount,
    shares.currency,
    {{ reporting_amount('shares.amount', 'shares.currency') }} as amount_reporting,
    coalesce(shares.is_planned, category.is_planned) as is_planned,
    shares.source_table,
    {{ lineage_columns('shares') }},
    shares.source_path
from shares
left join {{ ref('dim_cost_category') }} as category on category.category_code = shares.category_code
{{ join_fx('shares.currency', 'shares.posted_at') }}
