-- Nodes are told by the records that name them until a source describes them (inferred members).
{{ config(materialized='touched', meta={'touched': {
    'key': 'node_id',
    'by': 'whole',
}}) }}
with nodes as (
    select node_id from {{ ref('fct_return_unit') }}
    union
    select node_id from {{ ref('fct_return_event') }}
    union
    select node_id from {{ ref('fct_inventory_snapshot') }}
    union
    select node_id from {{ ref('fct_stock_adjustment') }}
    union
    select node_id from {{ ref('fct_return_shipment') }}
    union
    select node_id from {{ ref('fct_work_order') }}
    union
    select node_id from {{ ref('fct_labour') }}
)

select
    node_id,
    true as is_inferred
from nodes
where node_id is not null
