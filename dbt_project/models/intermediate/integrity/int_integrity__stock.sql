-- A stock count of returned goods beside what had come in by then and not yet left, by SKU. Nodes that are never
-- counted have no rows.
{{ config(materialized='touched', meta={'touched': {'key': 'snapshot_at', 'by': 'whole'}}) }}
with counts as (
    select
        snapshot_at,
        node_id,
        sku,
        cast(sum(quantity) as bigint) as counted_count,
        min(source_id) as source_id,
        min(file_sha256) as file_sha256,
        min(source_row) as source_row
    from {{ ref('fct_inventory_snapshot') }}
    -- a shop's or a partner's stock holds more than what came back
    where source_table = 'wms_inventory__inventory_snapshots'
    group by snapshot_at, node_id, sku
),

-- the file that counted the node names what it left out
snapshots as (
    select
        snapshot_at,
        node_id,
        min(source_id) as source_id,
        min(file_sha256) as file_sha256,
        min(source_row) as source_row
    from counts
    group by snapshot_at, node_id
),

changes as (
    {% for clock, change in {'received_at': 1, 'disposition_executed_at': -1}.items() -%}
    select
        node_id,
        sku,
        {{ clock }} as changed_at,
        {{ change }} as change
    from {{ ref('fct_return_unit') }}
    where received_at is not null and {{ clock }} is not null
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

skus as (
    select
        node_id,
        sku
    from changes
    union
    select
        node_id,
        sku
    from counts
),

-- a running sum over the changes, read at each count: each change is looked at once, however often stock is counted
running as (
    select
        node_id,
        sku,
        told_at,
        is_count,
        cast(
            sum(change) over (
                partition by node_id, sku
                order by told_at, is_count
                rows unbounded preceding
            ) as bigint
        ) as on_hand_count
    from (
        select
            node_id,
            sku,
            changed_at as told_at,
            0 as is_count,
            change
        from changes
        union all
        select
            snapshots.node_id,
            skus.sku,
            snapshots.snapshot_at as told_at,
            1 as is_count,
            0 as change
        from snapshots
        inner join skus on skus.node_id = snapshots.node_id
    ) as told
)

select
    running.told_at as snapshot_at,
    running.node_id,
    running.sku,
    coalesce(counts.counted_count, 0) as counted_count,
    running.on_hand_count,
    snapshots.source_id,
    snapshots.file_sha256,
    coalesce(counts.source_row, snapshots.source_row) as source_row
from running
inner join snapshots on snapshots.snapshot_at = running.told_at and snapshots.node_id = running.node_id
left join counts
    on
        counts.snapshot_at = running.told_at
        and counts.node_id = running.node_id
        and counts.sku = running.sku
where running.is_count = 1 and (counts.counted_count > 0 or running.on_hand_count <> 0)
