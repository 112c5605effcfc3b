-- Records that name no unit that is known, or use a word that no list has; one row per finding.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {},
}}) }}
with unlinked as (
    select
        'unlinked_record' as rule_id,
        record_key,
        source_table,
        evidence as detail,
        source_id,
        file_sha256,
        source_row
    from {{ near(ref('int_units__record')) }}
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
        ('dispositions', 'resale_channel', 'dim_resale_channel', 'resale_channel'),
        ('recoveries', 'resale_channel', 'dim_resale_channel', 'resale_channel'),
    ] -%}
    select
        'unmapped_{{ column }}' as rule_id,
        record.record_key,
        'backhaul__{{ table }}' as source_table,
        record.{{ column }} as detail,
        {{ lineage_columns('record') }}
    from {{ near(ref('stg_backhaul__' ~ table)) }} as record
    left join {{ ref(dimension) }} as dimension on dimension.{{ key }} = record.{{ column }}
    where record.is_current and record.{{ column }} is not null and dimension.{{ key }} is null
    union all
    {% endfor -%}
    select
        'unmapped_reason' as rule_id,
        record.record_key,
        'backhaul__returns' as source_table,
        record.source_reason as detail,
        {{ lineage_columns('record') }}
    from {{ near(ref('stg_backhaul__returns')) }} as record
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
        record.record_key,
        'amazon_fba_returns__customer_returns' as source_table,
        record.source_reason as detail,
        {{ lineage_columns('record') }}
    from {{ near(ref('stg_amazon_fba_returns__customer_returns')) }} as record
    left join {{ ref('map_reason') }} as mapping
        on mapping.source_kind = 'amazon_fba_returns' and mapping.source_reason = record.reason_token
    where record.is_current and record.source_reason is not null and mapping.reason_code is null
)

{% for findings in ['unlinked', 'unmapped'] -%}
select
    rule_id,
    record_key,
    source_table,
    detail,
    cast(null as {{ key_type() }}) as unit_key,
    source_id,
    file_sha256,
    source_row
from {{ findings }}
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
