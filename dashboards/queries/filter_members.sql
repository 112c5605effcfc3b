-- One row per member that a page can be narrowed to.
with told as (
    select distinct
        channel,
        product_category,
        node_id,
        carrier,
        return_type
    from core.fct_measure_month
),

members as (
    unpivot told on channel, product_category, node_id, carrier, return_type into name dimension value member
)

select distinct
    members.dimension,
    members.member,
    coalesce(
        case when $language = 'fr' then return_type.label_fr else return_type.label_en end, members.member
    ) as label
from members
left join core.dim_return_type as return_type
    on members.dimension = 'return_type' and return_type.return_type = members.member
order by members.dimension, label
