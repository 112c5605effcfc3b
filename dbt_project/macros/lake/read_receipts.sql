{#- The receipts that this build applies: read once, so that a batch committed meanwhile waits for the next build. -#}
{%- macro read_receipts() -%}
    {%- if execute -%}
        {%- set pattern = env_var('BACKHAUL_LAKE') ~ '/receipts/*.json' -%}
        {%- set found = run_query("select count(*) from glob('" ~ pattern ~ "')").rows[0][0] -%}
        {%- do run_query('create schema if not exists lake') -%}
        {%- do run_query(receipt_query(pattern if found else none)) -%}
        {%- do run_query(receipt_file_query()) -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro receipt_query(pattern) -%}
    {%- set columns -%}
        {
            batch_id: 'varchar', source_id: 'varchar', kind: 'varchar', domain: 'varchar', contract_version: 'varchar',
            landed_at: 'timestamp', committed_at: 'timestamp', horizon: 'timestamp', cursor: 'json',
            file: 'struct(sha256 varchar, name varchar, bytes bigint, landing varchar)',
            tables: 'map(varchar, struct(file varchar, rows bigint, sha256 varchar))',
            quarantine: 'struct(file varchar, rows bigint)',
            rows_read: 'bigint', checks: 'json', supersedes: 'varchar[]'
        }
    {%- endset -%}
    create or replace table lake.receipt as
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

{%- macro receipt_file_query() -%}
    create or replace table lake.receipt_file as
    select
        receipt.batch_id,
        entry.key as table_name,
        entry.value.file as file,
        entry.value.rows as row_count
    from lake.receipt as receipt, unnest(map_entries(receipt.tables)) as entries (entry)
    where entry.value.rows > 0
{%- endmacro -%}
