{#-
    The receipts that this build applies: read once, so that a batch committed meanwhile waits for the next build. They
    become flat tables of the schema lake: receipt, receipt_file (what each batch holds, and in which merged file a copy
    of it is), receipt_repair (the rows that a batch brings mended), receipt_check, receipt_change.
-#}
{%- macro read_receipts() -%}
    {{ adapter.dispatch('read_receipts', 'backhaul')() }}
{%- endmacro -%}

{#- On a cluster the schema lake is filled before the run. -#}
{%- macro spark__read_receipts() -%}{%- endmacro -%}

{%- macro default__read_receipts() -%}
    {%- if execute -%}
        {%- do run_query('create schema if not exists lake') -%}
        {%- do run_query(document_query(documents_in('receipts'))) -%}
        {%- do run_query(merged_file_query(documents_in('compacted'))) -%}
        {%- do run_query(receipt_query()) -%}
        {%- do run_query(receipt_file_query()) -%}
        {%- do run_query(receipt_repair_query()) -%}
        {%- do run_query(receipt_check_query()) -%}
        {%- do run_query(receipt_change_query()) -%}
        {%- do read_vanished() -%}
    {%- endif -%}
{%- endmacro -%}

{#- The JSON files of a folder of the lake as a pattern; none when there are none. -#}
{%- macro documents_in(folder) -%}
    {%- set pattern = env_var('BACKHAUL_LAKE') ~ '/' ~ folder ~ '/*.json' -%}
    {{ return(pattern if run_query("select 1 from glob('" ~ pattern ~ "') limit 1").rows else none) }}
{%- endmacro -%}

{%- macro document_query(pattern) -%}
    {%- set columns -%}
        {
            batch_id: 'varchar', source_id: 'varchar', kind: 'varchar', domain: 'varchar', contract_version: 'varchar',
            landed_at: 'timestamp', committed_at: 'timestamp', horizon: 'timestamp', cursor: 'json',
            file: 'struct(sha256 varchar, name varchar, bytes bigint, landing varchar)',
            tables: 'map(varchar, struct(file varchar, rows bigint, sha256 varchar))',
            quarantine: 'struct(file varchar, rows bigint)',
            rows_read: 'bigint', checks: 'json', supersedes: 'varchar[]', is_full_snapshot: 'boolean',
            changes: 'struct(kind varchar, "table" varchar, "column" varchar, detail varchar)[]',
            repairs: 'struct(file_sha256 varchar, batch_id varchar, rows bigint[])[]'
        }
    {%- endset -%}
    create or replace temp table receipt_document as
    {% if pattern %}
    with receipts as (
        select * from read_json('{{ pattern }}', columns = {{ columns }})
    ),

    superseded as (
        select unnest(supersedes) as batch_id from receipts
    )

    select receipts.*
    from receipts
    anti join superseded on receipts.batch_id = superseded.batch_id
    {% else %}
    select * from read_json('/dev/null', columns = {{ columns }}) where false
    {% endif %}
{%- endmacro -%}

{#-
    The merged files that stand for batch files (ingestion/compaction.py), one row per file they stand for: those of
    which every batch counts, and of those that share a batch file the larger one.
-#}
{%- macro merged_file_query(pattern) -%}
    {%- set columns = "{file: 'varchar', members: 'struct(file varchar, rows bigint, sha256 varchar)[]'}" -%}
    create or replace temp table merged_file as
    with manifest_member as (
        select
            file as merged_file,
            len(members) as member_count,
            unnest(members, recursive := true)
        {% if pattern -%}
        from read_json('{{ pattern }}', columns = {{ columns }})
        {%- else -%}
        from read_json('/dev/null', columns = {{ columns }})
        where false
        {%- endif %}
    ),

    listed as (
        select unnest(map_values(tables), recursive := true) from receipt_document
    ),

    unlisted as (
        select manifest_member.merged_file
        from manifest_member
        anti join listed
            on
                manifest_member.file = listed.file
                and manifest_member.rows = listed.rows
                and manifest_member.sha256 = listed.sha256
    ),

    complete as (
        select manifest_member.*
        from manifest_member
        anti join unlisted on manifest_member.merged_file = unlisted.merged_file
    ),

    ranked as (
        select
            *,
            first_value(merged_file) over (partition by file order by member_count desc, merged_file desc) as best_file
        from complete
    )

    select
        file,
        merged_file
    from ranked
    qualify bool_and(merged_file = best_file) over (partition by merged_file)
{%- endmacro -%}

{%- macro receipt_query() -%}
    create or replace table lake.receipt as
    select
        batch_id,
        source_id,
        kind,
        domain,
        contract_version,
        landed_at,
        committed_at,
        horizon,
        file.name as file_name,
        file.sha256 as file_sha256,
        file.bytes as file_bytes,
        file.landing as landing_path,
        rows_read,
        cast(coalesce(list_sum(list_transform(map_values(tables), lambda entry: entry.rows)), 0) as bigint) as rows_loaded,
        coalesce(quarantine.rows, 0) as rows_quarantined,
        quarantine.file as quarantine_file,
        -- receipts written before there was the word
        coalesce(is_full_snapshot, false) as is_full_snapshot
    from receipt_document
{%- endmacro -%}

{%- macro receipt_file_query() -%}
    create or replace table lake.receipt_file as
    select
        receipt.batch_id,
        entry.key as table_name,
        entry.value.file as file,
        merged_file.merged_file,
        entry.value.rows as row_count
    from receipt_document as receipt, unnest(map_entries(receipt.tables)) as entries (entry)
    left join merged_file on entry.value.file = merged_file.file
    where entry.value.rows > 0
{%- endmacro -%}

{%- macro receipt_repair_query() -%}
    create or replace table lake.receipt_repair as
    select
        receipt.source_id,
        repair.file_sha256 as file_sha256,
        unnest(repair.rows) as source_row
    -- receipts written before there was the word have none
    from receipt_document as receipt, unnest(receipt.repairs) as repairs (repair)
{%- endmacro -%}

{%- macro receipt_check_query() -%}
    create or replace table lake.receipt_check as
    select
        receipt.batch_id,
        json_extract_string(check_row, '$.expectation') as expectation,
        json_extract_string(check_row, '$.severity') as severity,
        cast(json_extract_string(check_row, '$.success') as boolean) as is_success,
        json_extract_string(check_row, '$.observed') as observed
    from receipt_document as receipt, unnest(from_json(receipt.checks, '["json"]')) as checks (check_row)
{%- endmacro -%}

{%- macro receipt_change_query() -%}
    create or replace table lake.receipt_change as
    select
        receipt.batch_id,
        change.kind as change_kind,
        nullif(change."table", '') as table_name,
        change."column" as column_name,
        change.detail
    -- receipts written before there was the word have none
    from receipt_document as receipt, unnest(receipt.changes) as changes (change)
{%- endmacro -%}
