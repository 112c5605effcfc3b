-- What lay in which tote, pallet or trailer, and when. A thing lies in one container at a time: where the source does
-- not say that it was taken out, its next packing ends the stay before.
{{ config(materialized='touched', meta={'touched': {
    'key': 'child_id',
    'by': {
        'int_units__identity': 'select child_id from core.bridge_container where '
            ~ lpn_evidence('child_id')
            ~ ' in (select evidence from {changes})',
    },
}}) }}
select
    packing.record_key as container_key,
    packing.child_id,
    identity.unit_key,
    packing.parent_id,
    packing.container_kind,
    packing.packed_at as valid_from,
    least(
        coalesce(packing.unpacked_at, cast('9999-12-31' as timestamp)),
        coalesce(
            lead(packing.packed_at) over (
                partition by packing.child_id
                order by packing.packed_at, packing.record_key
            ),
            cast('9999-12-31' as timestamp)
        )
    ) as valid_to,
    {{ lineage_columns('packing') }}
from {{ near(ref('stg_backhaul__containers')) }} as packing
left join {{ ref('int_units__identity') }} as identity on identity.evidence = {{ lpn_evidence('packing.child_id') }}
where packing.is_current
