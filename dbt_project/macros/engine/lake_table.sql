{#-
    The rows of one lake table, all versions, exactly as the committed receipts list them: files are named one by one
    and never found by a glob, so a half-written batch cannot be read. Columns and types come from the source
    definition (generated from the contract); a column that an older file lacks is null. A merged file is read in place
    of the small ones whose rows it holds. `_vanished` says that the source's full snapshots no longer hold the record.
-#}
{%- macro lake_table(kind, table_name) -%}
    {{ adapter.dispatch('lake_table', 'backhaul')(kind, table_name) }}
{%- endmacro -%}

{#- On a cluster the same receipts are views of the lake schema, one per table, made before the run. -#}
{%- macro spark__lake_table(kind, table_name) -%}
    (
        select
            told.*,
            vanished._vanished_key is not null as _vanished
        from {{ source(kind, table_name) }} as told
        left join (
            select record_key as _vanished_key
            from {{ source('lake', 'vanished') }}
            where table_name = '{{ kind }}__{{ table_name }}'
        ) as vanished on told._record_key = vanished._vanished_key
    )
{%- endmacro -%}

{%- macro default__lake_table(kind, table_name) -%}
    {%- set relation = source(kind, table_name) -%}
    {%- if execute -%}
        {%- set nodes = graph.sources.values() | selectattr('source_name', 'equalto', kind) | selectattr('name', 'equalto', table_name) | list -%}
        {%- set columns = nodes[0].columns.values() -%}
        {#- new batches are few; where all are read, a merged file stands for many -#}
        {%- set file = 'file' if is_touched() else 'coalesce(merged_file, file)' -%}
        {%- set files = lake_files(
            'select distinct ' ~ file ~ " from lake.receipt_file where table_name = '" ~ kind ~ '__' ~ table_name ~ "'"
            ~ (' and batch_id not in (select batch_id from lake.applied)' if is_touched() else '') ~ ' order by 1'
        ) -%}
        (
            select
                {%- for column in columns %}
                cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }},
                {%- endfor %}
                _vanished_key is not null as _vanished
            from (
                select
                    {%- for column in columns %}
                    cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
                    {%- endfor %}
                where false
                {%- if files %}
                union all by name
                select *
                from read_parquet(
                    [
                        {%- for file in files %}
                        '{{ env_var("BACKHAUL_LAKE") }}/{{ file }}'{{ ',' if not loop.last }}
                        {%- endfor %}
                    ],
                    union_by_name = true
                )
                {%- endif %}
            )
            left join (
                select record_key as _vanished_key
                from lake.vanished
                where table_name = '{{ kind }}__{{ table_name }}'
            ) on _record_key = _vanished_key
        )
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro -%}

{#- File names that a query on the receipts gives; none before the first build, so that a fresh project compiles. -#}
{%- macro lake_files(query) -%}
    {{ return(adapter.dispatch('lake_files', 'backhaul')(query)) }}
{%- endmacro -%}

{%- macro spark__lake_files(query) -%}
    {{ return([]) }}
{%- endmacro -%}

{%- macro default__lake_files(query) -%}
    {%- set ready = run_query("select 1 from information_schema.tables where table_schema = 'lake' and table_name = 'receipt_file'").rows -%}
    {{ return(run_query(query).columns[0].values() if ready else []) }}
{%- endmacro -%}

{#- The rows of every committed batch that could not be read and that no batch brings mended, without their raw text. -#}
{%- macro lake_quarantine() -%}
    {{ adapter.dispatch('lake_quarantine', 'backhaul')() }}
{%- endmacro -%}

{%- macro spark__lake_quarantine() -%}
    {{ source('lake', 'quarantine') }}
{%- endmacro -%}

{%- macro default__lake_quarantine() -%}
    {%- set files = lake_files('select quarantine_file from lake.receipt where rows_quarantined > 0 order by 1') if execute else [] -%}
    (
        select quarantined.*
        from (
            {% for file in files -%}
            select
                _source_id,
                _batch_id,
                _file_sha256,
                _row,
                table_name,
                rule,
                column_name
            from read_parquet('{{ env_var("BACKHAUL_LAKE") }}/{{ file }}')
            union all
            {% endfor -%}
            select
                cast(null as string) as _source_id,
                cast(null as string) as _batch_id,
                cast(null as string) as _file_sha256,
                cast(null as bigint) as _row,
                cast(null as string) as table_name,
                cast(null as string) as rule,
                cast(null as string) as column_name
            where false
        ) as quarantined
        anti join lake.receipt_repair as repair
            on
                quarantined._source_id = repair.source_id
                and quarantined._file_sha256 = repair.file_sha256
                and quarantined._row = repair.source_row
    )
{%- endmacro -%}
