-- Authorisation numbers that several sources use for different returns. A shop and its warehouse tell of one return: of a
-- line that both tell they agree on something, be it order, customer or product, though each may number the others its own
-- way. Two sources that agree on nothing contradict each other: the number means a return of each, and sources that agree
-- share theirs under the smallest name among them.
{{ config(materialized='touched', meta={'touched': {
    'key': 'rma_id',
    'by': {},
}}) }}
with lines as (
    select
        rma_id,
        coalesce(rma_line, '1') as rma_line,
        source_id,
        order_id,
        customer_key,
        sku
    from {{ near(ref('int_units__return_line')) }}
    where line_class = 'GOODS'
),

pairs as (
    select
        line.rma_id,
        line.source_id,
        other.source_id as other_source_id,
        max(
            case
                when line.order_id = other.order_id then 1
                when line.customer_key = other.customer_key then 1
                when line.sku = other.sku then 1
                -- nothing told by both contradicts nothing
                when
                    coalesce(
                        line.order_id <> other.order_id,
                        line.customer_key <> other.customer_key,
                        line.sku <> other.sku
                    ) is null
                    then 1
                else 0
            end
        ) = 1 as is_agreed
    from lines as line
    inner join lines as other
        on other.rma_id = line.rma_id and other.rma_line = line.rma_line and other.source_id <> line.source_id
    group by line.rma_id, line.source_id, other.source_id
)

select
    rma_id,
    source_id,
    least(source_id, coalesce(min(case when is_agreed then other_source_id end), source_id)) as rma_scope
from pairs
group by rma_id, source_id
qualify min(min(case when is_agreed then 1 else 0 end)) over (partition by rma_id) = 0
