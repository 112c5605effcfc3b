-- What counts in the metrics of work orders and of claims with carriers.
{{ config(materialized='view') }}
{%- set unit_fact = ref('fct_return_unit').include(database=false) -%}
{%- set blank = 'cast(null as string)' %}
with work as (
    select
        job.unit_key,
        job.work_kind,
        job.completed_at,
        job.outcome,
        {{ slice_columns('unit') }},
        'backhaul__work_orders' as source_table,
        {{ lineage_columns('job') }}
    from {{ ref('fct_work_order').include(database=false) }} as job
    inner join {{ unit_fact }} as unit on unit.unit_key = job.unit_key
    where job.is_last_completed
),

claim as (
    select
        claim.*,
        coalesce(unit.channel, parcel.channel) as channel,
        coalesce(unit.product_category, parcel.product_category) as product_category,
        coalesce(unit.node_id, parcel.node_id) as node_id,
        coalesce(parcel.carrier, unit.carrier, claim.counterparty_id) as carrier,
        coalesce(unit.return_type, parcel.return_type) as return_type,
        'backhaul__claims' as source_table
    from {{ ref('fct_claim').include(database=false) }} as claim
    left join {{ unit_fact }} as unit on unit.unit_key = claim.unit_key
    left join {{ ref('fct_return_shipment').include(database=false) }} as parcel
        on parcel.tracking_number = claim.tracking_number
    where claim.claim_kind = 'CARRIER'
)

{%- set filed = 'claim.filed_at is not null' -%}
{%- set paid = filed ~ " and claim.outcome = 'PAID'" -%}
{%- set branches = [
    ('WORK_ENTERED', 'work', 'completed_at', '1', 'work.work_kind', 'true'),
    ('WORK_PASSED', 'work', 'completed_at', '1', 'work.work_kind', "work.outcome = 'PASS'"),
    ('CARRIER_CLAIMS_FILED', 'claim', 'claim_date', '1', blank, filed),
    ('CARRIER_CLAIMS_ELIGIBLE', 'claim', 'claim_date', '1', blank, 'true'),
    ('CARRIER_CLAIMS_PAID', 'claim', 'claim_date', '1', blank, paid),
    ('CARRIER_CLAIMS_FILED_AMOUNT', 'claim', 'claim_date', 'claim.claimed_reporting', blank,
        filed ~ ' and claim.claimed_reporting is not null'),
    ('CARRIER_CLAIMS_PAID_AMOUNT', 'claim', 'claim_date', 'claim.paid_reporting', blank,
        filed ~ ' and claim.paid_reporting is not null'),
    ('CARRIER_CLAIM_CYCLE_DAYS', 'claim', 'settled_at', elapsed_days('claim.filed_at', 'claim.settled_at'), blank, paid),
] %}

{% for code, rows, dated_by, amount, component, where in branches -%}
{{ measure(code, rows, dated_by, amount, component, where) }}
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
