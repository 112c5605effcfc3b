-- What counts in the metrics, one cost line of a unit at a time; amounts in the reporting currency.
{{ config(materialized='view') }}
{%- set unit = ref('fct_return_unit').include(database=false) -%}
{%- set cost = ref('fct_cost').include(database=false) -%}
{%- set category = ref('dim_cost_category').include(database=false) %}
with cost as (
    select
        cost.unit_key,
        cost.category_code,
        cost.posted_at,
        cost.amount,
        cost.amount_reporting,
        cost.is_planned,
        category.is_in_trc,
        category.is_goods_value,
        category.family,
        unit.received_at,
        unit.disposition_executed_at,
        unit.tracking_number,
        unit.rma_id,
        unit.from_country,
        unit.to_country,
        unit.unit_price_reporting,
        unit.landed_cost_reporting,
        unit.is_customer_owned,
        unit.channel,
        unit.product_category,
        coalesce(unit.node_id, cost.node_id) as node_id,
        unit.carrier,
        unit.return_type,
        cost.source_table,
        {{ lineage_columns('cost') }},
        cost.source_path
    from {{ cost }} as cost
    left join {{ category }} as category on category.category_code = cost.category_code
    left join {{ unit }} as unit on unit.unit_key = cost.unit_key
)

{%- set priced = 'cost.amount_reporting is not null' -%}
{%- set in_trc = 'cost.is_in_trc and ' ~ priced -%}
{%- set loaded = "(cost.is_in_trc or cost.family = 'WRITE_DOWN') and " ~ priced -%}
{#- set against landed cost, in which goods that were given away already stand -#}
{%- set beside_landed = in_trc ~ ' and not cost.is_goods_value and cost.landed_cost_reporting is not null' -%}
{%- set duty = "cost.category_code in ('DUTY_IN', 'BRK') and " ~ priced -%}
{%- set branches = [
    ('COST_POSTED', 'posted_at', '', in_trc),
    ('COST_OF_RECEIVED', 'received_at', '', in_trc),
    ('COST_UNPLANNED_OF_RECEIVED', 'received_at', '', in_trc ~ ' and not cost.is_planned'),
    ('COST_OF_RECEIVED_PARCELS', 'received_at', '', in_trc ~ ' and cost.tracking_number is not null'),
    ('COST_OF_RECEIVED_RMAS', 'received_at', '', in_trc ~ " and cost.rma_id is not null and cost.return_type <> 'BLIND'"),
    ('COST_OF_RECEIVED_PRICED', 'received_at', '', in_trc ~ ' and cost.unit_price_reporting is not null'),
    ('NET_DUTY_OF_CROSSED', 'received_at', '', duty ~ ' and cost.from_country <> cost.to_country'),
    ('COST_OF_CLOSED', 'disposition_executed_at', '', loaded),
    ('NET_COST_OF_CLOSED', 'disposition_executed_at', '', loaded),
    ('NET_COST_OF_CLOSED_BY_PROCEEDS', 'disposition_executed_at', '', beside_landed),
    ('COST_AND_LANDED_OF_CLOSED', 'disposition_executed_at', '', beside_landed),
    ('NET_RECOVERY_OF_CLOSED', 'disposition_executed_at', '-', beside_landed ~ ' and not cost.is_customer_owned'),
    ('WARRANTY_COST', 'disposition_executed_at', '', in_trc ~ " and cost.return_type = 'WARRANTY'"),
] %}

{#- a share of nothing is no line -#}
{%- set told = 'cost.amount <> 0 and coalesce(cost.is_in_trc, true)' %}

{{ measure('COST_LINES_POSTED', 'cost', 'posted_at', where=told, source_path='cost.source_path') }}
union all
{{ measure('COST_LINES_COUNTED', 'cost', 'posted_at', where=told ~ ' and ' ~ in_trc, source_path='cost.source_path') }}
union all
{% for code, dated_by, sign, where in branches -%}
{{ measure(
    code, 'cost', dated_by, sign ~ 'cost.amount_reporting', 'cost.category_code', where, 'cost.source_path'
) }}
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
