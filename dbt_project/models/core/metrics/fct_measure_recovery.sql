-- What counts in the metrics, one recovery line or landed cost of a unit at a time; reporting currency.
{{ config(materialized='view') }}
{%- set unit = ref('fct_return_unit').include(database=false) -%}
{%- set recovery = ref('fct_recovery').include(database=false) -%}
{%- set category = ref('dim_cost_category').include(database=false) %}
with recovery as (
    select
        recovery.unit_key,
        recovery.category_code,
        recovery.amount_reporting,
        category.family,
        unit.received_at,
        unit.disposition_executed_at,
        unit.disposition_code,
        unit.from_country,
        unit.to_country,
        unit.unit_price_reporting,
        unit.landed_cost_reporting,
        unit.list_price_reporting,
        unit.is_vendor_eligible,
        unit.is_customer_owned,
        {{ slice_columns('unit') }},
        recovery.source_table,
        {{ lineage_columns('recovery') }}
    from {{ recovery }} as recovery
    inner join {{ category }} as category on category.category_code = recovery.category_code
    inner join {{ unit }} as unit on unit.unit_key = recovery.unit_key
    where recovery.amount_reporting is not null
),

-- what a unit was worth, by the record that says what it cost landed
valued as (
    select
        unit.unit_key,
        unit.received_at,
        unit.disposition_executed_at,
        unit.disposition_code,
        unit.landed_cost_reporting,
        unit.sale_proceeds_reporting,
        unit.is_reimbursed,
        unit.is_vendor_eligible,
        unit.is_customer_owned,
        unit.damage_cause,
        as_of.as_of,
        {{ slice_columns('unit') }},
        'landed_cost' as source_table,
        unit.landed_cost_source_id as source_id,
        unit.landed_cost_file_sha256 as file_sha256,
        unit.landed_cost_source_row as source_row
    from {{ unit }} as unit
    cross join {{ ref('dim_as_of').include(database=false) }} as as_of
    where unit.landed_cost_reporting is not null
),

unit as (
    select * from {{ unit }}
)

{%- set closed = 'disposition_executed_at' -%}
{%- set valued = 'recovery.landed_cost_reporting is not null' -%}
{%- set owned = 'not recovery.is_customer_owned' -%}
{%- set credits = "recovery.family = 'RECOVERY'" -%}
{%- set all_money = "recovery.family in ('RECOVERY', 'INCOME')" -%}
{%- set proceeds = "recovery.category_code = 'REC_SALE'" -%}
{%- set lots =
    "recovery.disposition_code in ('LIQUIDATE_B2B', 'SALVAGE') and recovery.list_price_reporting is not null"
-%}
{%- set branches = [
    ('PROCEEDS_OF_CLOSED', closed, '', proceeds ~ ' and ' ~ valued ~ ' and ' ~ owned),
    ('PROCEEDS_OF_CLOSED_PRICED', closed, '',
        proceeds ~ ' and recovery.unit_price_reporting is not null and ' ~ owned),
    ('NET_RECOVERY_OF_CLOSED', closed, '', credits ~ ' and ' ~ valued ~ ' and ' ~ owned),
    ('NET_COST_OF_CLOSED', closed, '-', all_money ~ " and recovery.category_code <> 'REC_SALE'"),
    ('NET_COST_OF_CLOSED_BY_PROCEEDS', closed, '-', all_money ~ ' and ' ~ valued),
    ('RECOVERY_AND_INCOME_OF_CLOSED', closed, '', all_money ~ ' and ' ~ valued),
    ('LIQUIDATION_PROCEEDS', closed, '', proceeds ~ ' and ' ~ lots),
    ('WARRANTY_CREDITS', closed, '', "recovery.category_code = 'REC_WAR' and recovery.return_type = 'WARRANTY'"),
    ('VENDOR_CREDITS', 'received_at', '', "recovery.category_code = 'REC_RTV' and recovery.is_vendor_eligible"),
    ('NET_DUTY_OF_CROSSED', 'received_at', '-',
        "recovery.category_code = 'REC_DBK' and recovery.from_country <> recovery.to_country"),
] %}

{% for code, dated_by, sign, where in branches -%}
{{ measure(code, 'recovery', dated_by, sign ~ 'recovery.amount_reporting', 'recovery.category_code', where) }}
union all
{% endfor -%}
{% for code, dated_by, where in [
    ('LANDED_COST_OF_CLOSED', closed, 'not valued.is_customer_owned'),
    ('NET_COST_OF_CLOSED_BY_PROCEEDS', closed, 'not valued.is_customer_owned'),
    ('COST_AND_LANDED_OF_CLOSED', closed, 'not valued.is_customer_owned'),
    ('LANDED_COST_WRITTEN_OFF', closed,
        'not valued.is_customer_owned and coalesce(valued.sale_proceeds_reporting, 0) = 0'),
    ('VENDOR_ELIGIBLE_LANDED_COST', 'received_at', 'valued.is_vendor_eligible'),
    ('REIMBURSEMENT_GAP', 'received_at', "valued.damage_cause in ('CARRIER', 'WAREHOUSE') and valued.channel = 'AMAZON_FBA' and valued.received_at <= valued.as_of - interval 45 day and not valued.is_reimbursed"),
] -%}
{{ measure(code, 'valued', dated_by, 'valued.landed_cost_reporting', "'LANDED_COST'", where) }}
union all
{% endfor -%}
{{ measure('PRICE_OF_CLOSED', 'unit', closed, 'unit.unit_price_reporting',
    where='not unit.is_customer_owned and unit.unit_price_reporting is not null') }}
union all
{{ measure('LIQUIDATION_LIST_PRICE', 'unit', closed, 'unit.list_price_reporting',
    where="unit.disposition_code in ('LIQUIDATE_B2B', 'SALVAGE') and unit.list_price_reporting is not null") }}
