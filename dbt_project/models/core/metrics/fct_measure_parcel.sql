-- What counts in the metrics of carriers: parcels, labels, their charges, and units that a carrier damaged.
{{ config(materialized='view') }}
{%- set blank = 'cast(null as string)' %}
with parcel as (
    select
        shipment.*,
        cast(null as {{ key_type() }}) as unit_key
    from {{ ref('fct_return_shipment').include(database=false) }} as shipment
    where shipment.is_return or shipment.unit_count > 0
),

freight as (
    select
        cost.unit_key,
        cost.category_code,
        cost.amount_reporting,
        parcel.first_scan_at,
        parcel.billed_weight_kg,
        {{ slice_columns('parcel') }},
        cost.source_table,
        {{ lineage_columns('cost') }},
        cost.source_path
    from {{ ref('fct_cost').include(database=false) }} as cost
    inner join {{ ref('dim_cost_category').include(database=false) }} as category
        on category.category_code = cost.category_code and category.component = 'FREIGHT'
    inner join parcel on parcel.tracking_number = cost.tracking_number
    where cost.amount_reporting is not null
),

charge as (
    select
        cast(null as {{ key_type() }}) as unit_key,
        charge.charge_class,
        charge.amount_reporting,
        parcel.label_created_at,
        {{ slice_columns('parcel') }},
        'backhaul__carrier_charges' as source_table,
        {{ lineage_columns('charge') }}
    from {{ ref('fct_carrier_charge').include(database=false) }} as charge
    inner join {{ ref('dim_charge_class').include(database=false) }} as charge_class
        on charge_class.charge_class = charge.charge_class and charge_class.is_freight
    inner join parcel on parcel.tracking_number = charge.tracking_number
    where parcel.quoted_reporting is not null and charge.amount_reporting is not null
),

quoted as (
    select
        parcel.unit_key,
        parcel.label_created_at,
        parcel.quoted_reporting,
        {{ slice_columns('parcel') }},
        parcel.source_table,
        {{ lineage_columns('parcel') }}
    from parcel
    where
        parcel.quoted_reporting is not null
        and exists (
            select 1
            from {{ ref('fct_carrier_charge').include(database=false) }} as billed
            inner join {{ ref('dim_charge_class').include(database=false) }} as charge_class
                on charge_class.charge_class = billed.charge_class and charge_class.is_freight
            where billed.tracking_number = parcel.tracking_number and billed.amount_reporting is not null
        )
),

charged as (
    select parcel.*
    from parcel
    where parcel.freight_reporting is not null
),

finding as (
    select
        cast(null as {{ key_type() }}) as unit_key,
        finding.rule_id,
        finding.amount_reporting,
        finding.invoiced_at,
        parcel.channel,
        parcel.product_category,
        parcel.node_id,
        finding.carrier,
        parcel.return_type,
        'backhaul__carrier_charges' as source_table,
        {{ lineage_columns('finding') }}
    from {{ ref('fct_charge_finding').include(database=false) }} as finding
    left join parcel on parcel.tracking_number = finding.tracking_number
    where finding.amount_reporting is not null
),

unit as (
    select * from {{ ref('fct_return_unit').include(database=false) }}
),

-- a parcel counts once, at the first unit of it that was received, whether its carrier told of it or not
received_parcel as (
    select *
    from unit
    where tracking_number is not null and received_at is not null
    qualify row_number() over (partition by tracking_number order by received_at, unit_key) = 1
)

{%- set branches = [
    ('PARCELS_DELIVERED_PROMISED', 'parcel', 'delivered_at', '1', blank, 'parcel.promised_at is not null'),
    ('PARCELS_ON_TIME', 'parcel', 'delivered_at', '1', blank, 'parcel.delivered_at <= parcel.promised_at'),
    ('PARCELS_SCANNED', 'parcel', 'first_scan_at', '1', blank, 'true'),
    ('PARCELS_LOST', 'parcel', 'first_scan_at', '1', blank, 'parcel.is_lost'),
    ('PARCELS_RECEIVED', 'received_parcel', 'received_at', '1', blank, 'true'),
    ('UNITS_CARRIER_DAMAGED', 'unit', 'received_at', '1', blank, "unit.damage_cause = 'CARRIER'"),
    ('LABELS_ISSUED', 'parcel', 'label_created_at', '1', blank, 'true'),
    ('LABELS_UNUSED', 'parcel', 'label_created_at', '1', blank, 'parcel.is_unused'),
    ('QUOTED_OF_BILLED', 'quoted', 'label_created_at', 'quoted.quoted_reporting', blank, 'true'),
    ('VARIANCE_OF_BILLED', 'quoted', 'label_created_at', '-quoted.quoted_reporting', "'QUOTED'", 'true'),
    ('VARIANCE_OF_BILLED', 'charge', 'label_created_at', 'charge.amount_reporting', 'charge.charge_class', 'true'),
    ('AUDIT_FINDINGS_AMOUNT', 'finding', 'invoiced_at', 'finding.amount_reporting', 'finding.rule_id', 'true'),
    ('PARCEL_BILLED_KG', 'charged', 'first_scan_at', 'charged.billed_weight_kg', blank,
        'charged.billed_weight_kg is not null'),
    ('PARCELS_CHARGED', 'charged', 'first_scan_at', '1', blank, 'true'),
    ('PARCELS_CHARGED_WEIGHED', 'charged', 'first_scan_at', '1', blank, 'charged.billed_weight_kg is not null'),
] %}

{% for code, rows, dated_by, amount, component, where in branches -%}
{{ measure(code, rows, dated_by, amount, component, where) }}
union all
{% endfor -%}
{% for code, where in [
    ('FREIGHT_OF_WEIGHED_PARCELS', 'freight.billed_weight_kg is not null'), ('FREIGHT_OF_PARCELS', 'true'),
] -%}
{{ measure(
    code, 'freight', 'first_scan_at', 'freight.amount_reporting', 'freight.category_code', where, 'freight.source_path'
) }}
{% if not loop.last -%}
union all
{% endif -%}
{% endfor %}
