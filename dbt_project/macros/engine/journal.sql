{#-
    The journal of a run, in the schema `touched`: whether it is incremental, and per model the rows of the keys that it
    changed, as they were (`is_new` false) and as they are. Downstream models learn from it what to recompute; and the
    run after one that died undoes with it what that one did. It is emptied when a build has succeeded.
-#}
{%- macro open_journal() -%}
    {{ adapter.dispatch('open_journal', 'backhaul')() }}
{%- endmacro -%}

{#- On a cluster every run recomputes everything. -#}
{%- macro spark__open_journal() -%}{%- endmacro -%}

{%- macro default__open_journal() -%}
    {%- if execute and changes_models() -%}
        {%- set reason = reason_to_rebuild() -%}
        {%- if reason -%}
            {%- do run_query('drop schema if exists touched cascade; drop table if exists lake.applied') -%}
        {%- else -%}
            {%- do undo_journal() -%}
        {%- endif -%}
        {%- do run_query(
            "create schema touched;"
            ~ " create table touched.run as select " ~ ('false' if reason else 'true') ~ " as is_incremental,"
            ~ " '" ~ project_fingerprint() ~ "' as fingerprint, '" ~ (reason or '') ~ "' as reason;"
            ~ " create table touched.model (name varchar, schema_name varchar, key_column varchar, is_whole boolean)"
        ) -%}
        {#- kept in mind for this process too: a thousand nodes ask -#}
        {%- do graph.update({'journal': {'is_incremental': not reason, 'models': {}}}) -%}
        {%- if not reason -%}
            {%- do graph['journal'].update({'told': told_tables()}) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}

{#- Commands that build models; a `dbt test` reads what stands and changes nothing. -#}
{%- macro changes_models() -%}
    {{ return(flags.WHICH in ['build', 'run']) }}
{%- endmacro -%}

{#- What the answers of a build hang on beside the receipts: the project's files and settings, and dbt's variables. -#}
{%- macro project_fingerprint() -%}
    {{ return(env_var('BACKHAUL_FINGERPRINT', '') ~ '|' ~ local_md5(tojson(invocation_args_dict.get('vars', {})))) }}
{%- endmacro -%}

{#- Why the tables that stand cannot be carried on with; none when they can. -#}
{%- macro reason_to_rebuild() -%}
    {%- if flags.FULL_REFRESH -%}
        {{ return('a full refresh was asked for') }}
    {%- endif -%}
    {%- set there = run_query(
        "select string_agg(table_schema || '.' || table_name, ',') from information_schema.tables"
        ~ " where table_schema || '.' || table_name in ('lake.applied', 'touched.model')"
    ).rows[0][0] or '' -%}
    {%- if 'lake.applied' not in there -%}
        {{ return('no build before this one has succeeded') }}
    {%- endif -%}
    {%- set facts = run_query(
        "select max(fingerprint), count_if(receipt.batch_id is null) from lake.applied as applied"
        ~ " left join lake.receipt as receipt on receipt.batch_id = applied.batch_id"
    ).rows[0] -%}
    {%- if facts[0] != project_fingerprint() -%}
        {{ return('models, reference lists or settings have changed') }}
    {%- elif facts[1] -%}
        {{ return('batches were withdrawn or replaced') }}
    {%- elif 'touched.model' in there and run_query('select 1 from touched.model where is_whole').rows -%}
        {{ return('the build before this one ended while it replaced a whole table') }}
    {%- endif -%}
    {%- set rows = run_query(
        "select sum(rows_loaded), sum(case when applied.batch_id is null then rows_loaded end) from lake.receipt as receipt"
        ~ " left join lake.applied as applied on applied.batch_id = receipt.batch_id"
    ).rows[0] -%}
    {%- if (rows[1] or 0) > (rows[0] or 0) * var('rebuild_share') -%}
        {{ return('the batches to apply are a large part of all there are') }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro -%}

{#- A run that died left some tables changed and others not: each is put back as the last success left it. -#}
{%- macro undo_journal() -%}
    {%- set there = run_query("select 1 from information_schema.tables where table_schema || '.' || table_name = 'touched.model'").rows -%}
    {%- if there -%}
        {%- for row in run_query('select name, schema_name, key_column from touched.model').rows -%}
            {%- do run_query(
                "begin; delete from " ~ row[1] ~ "." ~ row[0] ~ " where " ~ row[2] ~ " in (select " ~ row[2] ~ " from touched." ~ row[0] ~ ");"
                ~ " insert into " ~ row[1] ~ "." ~ row[0] ~ " by name select * exclude (is_new) from touched." ~ row[0] ~ " where not is_new;"
                ~ " delete from touched.model where name = '" ~ row[0] ~ "'; commit"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do run_query('drop schema if exists touched cascade') -%}
{%- endmacro -%}

{#- Does this run carry on with the tables that stand? -#}
{%- macro is_incremental_run() -%}
    {{ return(execute and graph.get('journal', {}).get('is_incremental', false)) }}
{%- endmacro -%}

{#- Whether a model told in this run which rows it changed. -#}
{%- macro is_journaled(name) -%}
    {{ return(is_incremental_run() and graph['journal']['models'].get(name) in ['changed', 'unchanged']) }}
{%- endmacro -%}

{#- Whether any row of a model that told so changed in this run. -#}
{%- macro has_changed(name) -%}
    {{ return(graph['journal']['models'].get(name) == 'changed') }}
{%- endmacro -%}

{%- macro note_in_journal(name, state) -%}
    {%- do graph['journal']['models'].update({name: state}) -%}
{%- endmacro -%}

{#-
    The lake tables of which this run applies batches; all of the sources that tell anew what they hold, for what they
    told before is judged again.
-#}
{%- macro told_tables() -%}
    {%- set query -%}
        select distinct table_name
        from lake.receipt_file
        where
            batch_id not in (select batch_id from lake.applied)
            or batch_id in (select batch_id from lake.receipt where source_id in ({{ newly_told_sources() }}))
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro -%}

{#- Whether new batches may change what stands of a lake table. -#}
{%- macro is_told(table_name) -%}
    {{ return(table_name in graph['journal']['told']) }}
{%- endmacro -%}
