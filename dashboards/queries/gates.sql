-- One row per check of the publish and of the batches behind it that did not hold, or was watched; failures first.
with told as (
    select
        'PUBLISH' as gate,
        expectation,
        severity,
        is_success,
        observed,
        cast(null as varchar) as source_id,
        cast(null as varchar) as file_name
    from quality.quality_gate_result
    union all
    select
        'BATCH' as gate,
        expectation,
        severity,
        is_success,
        observed,
        source_id,
        file_name
    from quality.quality_batch_check
    where not is_success
)

select * from told
order by is_success, gate desc, severity, expectation, file_name
