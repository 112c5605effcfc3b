{#-
    A table of which a run recomputes only the keys that the rows changed upstream of it reach. Its `meta.touched` says

    * `key`: the column whose values are recomputed, never null;
    * `by`: per input that does not carry that column, a query on its changed rows (`{changes}`) that gives the keys they
      reach, in the tables as they now stand. Rows come as they were and as they are, so that a key that lost a row is
      reached too. In place of the map, `versions` means a staging table, whose new batches bring the keys, and `whole`
      a small table that is computed anew and compared.

    The model's SQL says with `near()` which rows of its inputs the keys need. A table that stands on inputs without a
    journal of their own, or does not exist yet, is replaced whole. Either way the rows are those of a full refresh.
-#}
{% materialization touched, default %}
    {{ return(adapter.dispatch('whole_table', 'backhaul')()) }}
{% endmaterialization %}

{%- macro default__whole_table() -%}
    {{ return(materialization_table_default()) }}
{%- endmacro -%}

{% materialization touched, adapter='duckdb' %}
    {%- if not is_touched() -%}
        {%- if is_incremental_run() -%}
            {%- do run_query("insert into touched.model values ('" ~ this.name ~ "', '" ~ this.schema ~ "', null, true)") -%}
            {%- do note_in_journal(this.name, 'whole') -%}
        {%- endif -%}
        {{ return(materialization_table_duckdb()) }}
    {%- endif -%}
    {%- set touched = config.get('meta')['touched'] -%}
    {%- set changed = 'touched.' ~ this.name -%}
    {#- a model whose keys no query on its inputs gives brings them itself (fct_measure_month) -#}
    {%- set is_whole = touched['by'] == 'whole' and not graph['journal'].get('keys', {}).get(this.name, false) -%}
    {%- set names = {'key': touched['key'], 'keys': changed ~ '__key', 'new': changed ~ '__new', 'changed': changed} -%}
    {%- if is_whole or is_reached(names, touched['by']) -%}
        {%- if touched['by'] == 'versions' -%}
            {%- do run_query(touched_versions(names, compiled_code)) -%}
        {%- else -%}
            {%- do run_query(touched_rows(names, between_keys(names, compiled_code), is_whole)) -%}
        {%- endif -%}
        {%- do run_query(touched_differences(names, is_whole)) -%}
        {%- call statement('main', auto_begin=false) -%}
            {{ replace_touched(names) }}
        {%- endcall -%}
        {%- set is_changed = run_query('select 1 from ' ~ changed ~ ' limit 1').rows | length > 0 -%}
        {%- do note_in_journal(this.name, 'changed' if is_changed else 'unchanged') -%}
    {%- else -%}
        {%- call statement('main', auto_begin=false) -%}
            create table {{ changed }} as select *, false as is_new from {{ this }} limit 0
        {%- endcall -%}
        {%- do note_in_journal(this.name, 'unchanged') -%}
    {%- endif -%}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}

{#- Whether the model that is being run recomputes touched keys only. -#}
{%- macro is_touched() -%}
    {%- if not is_incremental_run() or model.resource_type != 'model' or model.config.materialized != 'touched' -%}
        {{ return(false) }}
    {%- endif -%}
    {%- if load_cached_relation(this) is none -%}
        {{ return(false) }}
    {%- endif -%}
    {%- if model.config.meta['touched']['by'] is not string -%}
        {%- for input in touched_inputs() -%}
            {%- if not is_journaled(input) -%}
                {{ return(false) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(true) }}
{%- endmacro -%}

{#- Whether anything that has changed reaches the table; its keys are then known, but for a staging table. -#}
{%- macro is_reached(names, by) -%}
    {%- if by == 'versions' -%}
        {{ return(is_told(this.name.removeprefix('stg_'))) }}
    {%- endif -%}
    {%- if by is not string -%}
        {%- set queries = reaching_queries(names, by) -%}
        {%- if not queries -%}
            {{ return(false) }}
        {%- endif -%}
        {%- do run_query(touched_keys(names, queries)) -%}
    {%- endif -%}
    {{ return(run_query('select 1 from ' ~ names['keys'] ~ ' limit 1').rows | length > 0) }}
{%- endmacro -%}

{#- The models that the model being run reads; reference lists only change with the project. -#}
{%- macro touched_inputs() -%}
    {%- set inputs = [] -%}
    {%- for node in model.depends_on.nodes -%}
        {%- if not node.startswith('seed.') -%}
            {%- do inputs.append(node.split('.')[-1]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(inputs) }}
{%- endmacro -%}

{#-
    The rows of an input that the keys to recompute need: those of the same key, or those that `where` picks, in which
    `{keys}` stands for the keys; a list of conditions means those that meet any. All rows when the table is computed
    whole.
-#}
{%- macro near(relation, where=none) -%}
    {%- if is_touched() and model.config.meta['touched']['by'] is not string -%}
        {%- set keys = '(select key_value from touched.' ~ this.name ~ '__key)' -%}
        {%- set where = where or model.config.meta['touched']['key'] ~ ' in {keys}' -%}
        {%- if where is string -%}
            (select * from {{ relation }} where {{ where | replace('{keys}', keys) }})
        {%- else -%}
            {{ picked(relation, where) | replace('{keys}', keys) }}
        {%- endif -%}
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro -%}

{#-
    The few rows of a relation that meet any of the conditions. Of a table only the columns that a condition names are
    read for every row, and the others for the rows that are picked: there are many columns, and much history. A view
    has no places of its own.
-#}
{%- macro picked(relation, conditions) -%}
    {%- set conditions = [conditions] if conditions is string else conditions -%}
    {%- set node = graph.nodes.get('model.backhaul.' ~ relation.identifier) -%}
    (
        select * from {{ relation }}
        {%- if node and node.config.materialized != 'view' %}
        where rowid in (
            {%- for condition in conditions %}
            select rowid from {{ relation }} where {{ condition }}
            {%- if not loop.last %} union all {%- endif %}
            {%- endfor %}
        )
        {%- else %}
        where {{ conditions | join(' or ') }}
        {%- endif %}
    )
{%- endmacro -%}

{#- What a generic test reads: after an incremental run the rows of the keys that changed. -#}
{%- macro duckdb__get_where_subquery(relation) -%}
    {%- if is_journaled(relation.identifier) -%}
        {{ return('(select * exclude (is_new) from touched.' ~ relation.identifier ~ ' where is_new) as dbt_subquery') }}
    {%- endif -%}
    {{ return(default__get_where_subquery(relation)) }}
{%- endmacro -%}

{#-
    What a test that compares tables reads of one: after a run that carried on the rows that `where` picks, by what the
    models named have changed; else all rows.
-#}
{%- macro lately(relation, where, models) -%}
    {%- for name in models -%}
        {%- if not is_journaled(name) -%}
            {{ return(relation) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ where ~ ')') }}
{%- endmacro -%}

{#- The queries that give the keys which the changes of this run reach; none when no input has changed. -#}
{%- macro reaching_queries(names, by) -%}
    {%- set queries = [] -%}
    {%- for input in touched_inputs() if has_changed(input) -%}
        {%- set query = by.get(input, 'select ' ~ names['key'] ~ ' from {changes}') -%}
        {%- do queries.append(query | replace('{changes}', 'touched.' ~ input)) -%}
    {%- endfor -%}
    {{ return(queries) }}
{%- endmacro -%}

{%- macro touched_keys(names, queries) -%}
    create table {{ names['keys'] }} as
    select distinct key_value
    from (
        {%- for query in queries %}
        select {{ names['key'] }} as key_value
        from ({{ query }}) as reached ({{ names['key'] }})
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )
    where key_value is not null
{%- endmacro -%}

{#- The model's SQL with the first and the last key in their places (in_months): the keys are known only now. -#}
{%- macro between_keys(names, sql) -%}
    {%- if '{first_key}' not in sql -%}
        {{ return(sql) }}
    {%- endif -%}
    {%- set keys = run_query('select min(key_value), max(key_value) from ' ~ names['keys']).rows[0] -%}
    {{ return(sql | replace('{first_key}', keys[0]) | replace('{last_key}', keys[1])) }}
{%- endmacro -%}

{%- macro touched_rows(names, sql, is_whole) -%}
    create table {{ names['new'] }} as
    select * from {{ this }} where false
    union all by name
    select * from ({{ sql }}) as computed
    {% if not is_whole -%}
    where {{ names['key'] }} in (select key_value from {{ names['keys'] }})
    {%- endif %}
{%- endmacro -%}

{#-
    The versions that new batches bring, among all versions of their records: which one stands is judged again. So it is
    for all records of a source that tells anew what it holds.
-#}
{%- macro touched_versions(names, sql) -%}
    create table {{ names['new'] }} as
    with brought as materialized (
        {{ sql }}
    ),

    versions as (
        from {{ picked(this, [
            names['key'] ~ ' in (select ' ~ names['key'] ~ ' from brought)',
            'source_id in (' ~ newly_told_sources() ~ ')',
        ]) }}
        union all by name
        select * from brought
    ),

    judged as (
        select
            *,
            {{ names['key'] }} in (
                select record_key from lake.vanished where table_name = '{{ this.name.removeprefix('stg_') }}'
            ) as is_vanished
        from versions
    )

    select * exclude (is_vanished) replace ({{ is_current_version() }} as is_current) from judged;
    create table {{ names['keys'] }} as select distinct {{ names['key'] }} as key_value from {{ names['new'] }}
{%- endmacro -%}

{#- The keys whose rows differ, with all their rows before and after. -#}
{%- macro touched_differences(names, is_whole) -%}
    create table {{ names['changed'] }} as
    with before as materialized (
        from {{ this if is_whole else picked(this, names['key'] ~ ' in (select key_value from ' ~ names['keys'] ~ ')') }}
    ),

    differing as materialized (
        select distinct {{ names['key'] }}
        from (
            select * exclude (count_change)
            from (
                select *, 1 as count_change from before
                union all
                select *, -1 as count_change from {{ names['new'] }}
            ) as counted
            group by all
            having sum(count_change) <> 0
        ) as changed
    )

    select *, false as is_new from before where {{ names['key'] }} in (select {{ names['key'] }} from differing)
    union all
    select *, true as is_new from {{ names['new'] }} where {{ names['key'] }} in (select {{ names['key'] }} from differing)
{%- endmacro -%}

{%- macro replace_touched(names) -%}
    begin;
    delete from {{ this }} where {{ names['key'] }} in (select {{ names['key'] }} from {{ names['changed'] }});
    insert into {{ this }} select * exclude (is_new) from {{ names['changed'] }} where is_new;
    insert into touched.model values ('{{ this.name }}', '{{ this.schema }}', '{{ names['key'] }}', false);
    commit
{%- endmacro -%}
