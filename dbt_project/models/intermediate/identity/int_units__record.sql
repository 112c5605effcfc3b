-- The unit that a native document speaks of, by its strongest evidence; null when no return told of that unit.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'int_units__identity': "
            select record_key
            from intermediate.int_units__record
            where evidence in (select evidence from {changes})
        ",
    },
}}) }}
select
    document.source_table,
    document.record_key,
    coalesce(document.lpn_evidence, document.serial_evidence, document.rma_evidence) as evidence,
    identity.unit_key,
    {{ lineage_columns('document') }}
from {{ near(ref('int_units__document')) }} as document
left join {{ ref('int_units__identity') }} as identity
    on
        identity.evidence
        = coalesce(document.lpn_evidence, document.serial_evidence, document.rma_evidence)
