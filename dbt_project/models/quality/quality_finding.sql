-- Logical findings: rows that are kept and counted as told, and that a person should look at. One row per finding.
with unlinked as (
    select
        'unlinked_record' as rule_id,
        source_table,
        evidence as detail,
        unit_key,
        source_id,
        file_sha256,
        source_row
    from {{ ref('int_units__record') }}
    where unit_key is null
),

unmapped as (
    {% for table, column, dimension, key in [
        ('dispositions', 'disposition_code', 'dim_disposition', 'disposition_code'),
        ('costs', 'category_code', 'dim_cost_category', 'category_code'),
        ('recoveries', 'category_code', 'dim_cost_category', 'category_code'),
        ('waste_movements', 'treatment_code', 'dim_treatment', 'treatment_code'),
        ('inspections', 'grade_code', 'dim_condition_grade', 'grade_code'),
        ('returns', 'return_type', 'dim_return_type', 'return_type'),
    ] -%}
    select
        'unmapped_{{ column }}' as rule_id,
        'backhaul__{{ table }}' as source_table,
        record.{{ column }} as detail,
        cast(null as string) as unit_key,
        {{ lineage_columns('record') }}
    from {{ ref('stg_backhaul__' ~ table) }} as record
    left join {{ ref(dimension) }} as dimension on dimension.{{ key }} = record.{{ column }}
    where record.is_current and dimension.{{ key }} is null
    union all
    {% endfor -%}
    select
        'unmapped_reason' as rule_id,
        'backhaul__returns' as source_table,
        record.source_reason as detail,
        cast(null as string) as unit_key,
        {{ lineage_columns('record') }}
    from {{ ref('stg_backhaul__returns') }} as record
    left join {{ ref('dim_return_reason') }} as reason on reason.reason_code = upper(record.source_reason)
    left join {{ ref('map_reason') }} as mapping
        on mapping.source_kind = 'backhaul' and mapping.source_reason = upper(record.source_reason)
    where
        record.is_current
        and record.source_reason is not null
        and reason.reason_code is null
        and mapping.reason_code is null
    union all
    select
        'unmapped_reason' as rule_id,
        'amazon_fba_returns__customer_returns' as source_table,
        record.source_reason as detail,
        cast(null as string) as unit_key,
        {{ lineage_columns('record') }}
    from {{ ref('stg_amazon_fba_returns__customer_returns') }} as record
    left join {{ ref('map_reason') }} as mapping
        on mapping.source_kind = 'amazon_fba_returns' and mapping.source_reason = record.reason_token
    where record.is_current and record.source_reason is not null and mapping.reason_code is null
),

units as (
    select
        rules.rule_id,
        unit.source_table,
        unit.sku as detail,
        unit.unit_key,
        {{ lineage_columns('unit') }}
    from {{ ref('fct_return_unit') }} as unit
    left join {{ ref('int_units__disposition') }} as disposition on disposition.unit_key = unit.unit_key
    cross join (
        values ('several_final_dispositions'), ('unknown_landed_cost'), ('unknown_mass'), ('unpriced_currency'),
        ('swapped_unit')
    ) as rules (rule_id)
    where
        case rules.rule_id
            when 'several_final_dispositions' then disposition.final_decision_count > 1
            when 'unknown_landed_cost' then unit.landed_cost is null
            when 'unknown_mass' then unit.mass_kg is null
            when 'swapped_unit' then unit.is_swapped and unit.received_at is not null
            else unit.landed_cost is not null and unit.landed_cost_reporting is null
        end
),

money as (
    {% for amounts in ['fct_cost', 'fct_recovery'] -%}
    select
        'unpriced_currency' as rule_id,
        source_table,
        currency as detail,
        unit_key,
        source_id,
        file_sha256,
        source_row
    from {{ ref(amounts) }}
    where amount_reporting is null
    union all
    {% endfor -%}
    select
        'unallocated_cost' as rule_id,
        source_table,
        coalesce(tracking_number, document_id) as detail,
        unit_key,
        source_id,
        file_sha256,
        source_row
    from {{ ref('fct_cost') }}
    where allocation_method = 'UNALLOCATED'
),

masses as (
    select * from {{ ref('int_mass__finding') }}
),

records as (
    select * from {{ ref('int_units__record_finding') }}
),

charges as (
    select
        finding.rule_id,
        'backhaul__carrier_charges' as source_table,
        finding.tracking_number as detail,
        cast(null as string) as unit_key,
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

flow as (
    select * from {{ ref('int_integrity__flow') }}
),

limits as (
    select * from {{ ref('int_integrity__money') }}
),

stock as (
    select
        'stock_discrepancy' as rule_id,
        'wms_inventory__inventory_snapshots' as source_table,
        node_id || ' ' || sku || ': ' || cast(counted_count as string) || ' counted, '
        || cast(on_hand_count as string) || ' by events' as detail,
        cast(null as string) as unit_key,
        source_id,
        file_sha256,
        source_row
    from {{ ref('int_integrity__stock') }}
    where counted_count <> on_hand_count
)

{% for findings in [
    'unlinked', 'unmapped', 'units', 'money', 'masses', 'records', 'charges', 'refunds', 'flow', 'limits', 'stock',
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
