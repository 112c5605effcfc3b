-- Logical findings: rows that are kept and counted as told, and that a person should look at. One row per finding.
with charges as (
    select
        finding.rule_id,
        'backhaul__carrier_charges' as source_table,
        finding.tracking_number as detail,
        cast(null as {{ key_type() }}) as unit_key,
        {{ lineage_columns('finding') }}
    from {{ ref('fct_charge_finding') }} as finding
),

refunds as (
    select
        leak.rule_id,
        leak.source_table,
        cast(leak.amount as string) || ' ' || leak.currency as detail,
        leak.unit_key,
        {{ lineage_columns('leak') }}
    from {{ ref('fct_refund_leak') }} as leak
),

stock as (
    select
        'stock_discrepancy' as rule_id,
        'wms_inventory__inventory_snapshots' as source_table,
        node_id || ' ' || sku || ': ' || cast(counted_count as string) || ' counted, '
        || cast(on_hand_count as string) || ' by events' as detail,
        cast(null as {{ key_type() }}) as unit_key,
        source_id,
        file_sha256,
        source_row
    from {{ ref('int_integrity__stock') }}
    where counted_count <> on_hand_count
)

{% for findings in [
    ref('int_units__record_finding'), ref('int_integrity__record'), ref('int_integrity__unit'),
    ref('int_integrity__flow'), ref('int_integrity__money'), ref('int_mass__finding'), 'charges', 'refunds', 'stock',
] -%}
select
    rule_id,
    source_table,
    coalesce(detail, '') as detail,
    unit_key,
    source_id,
    file_sha256,
    source_row
from {{ findings }}
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
