{#-
    The records that full snapshots of their source hold no longer, by lake table: none of their versions stands.

    Snapshots follow one another by their horizon, whatever the order in which they were loaded. One that lacks more than
    `withdrawn_share` of the last that was whole was cut short, or is about something else: it withdraws nothing, and its
    records stand beside the others. One with rows in quarantine withdraws nothing either. A record that is told again
    stands again.
-#}
{%- macro read_vanished() -%}
    {%- do run_query(
        'create or replace table lake.vanished (table_name varchar, record_key ' ~ key_type() ~ ');'
        ~ ' create table if not exists lake.snapshot_step'
        ~ ' (earlier_file varchar, later_file varchar, lost_share double)'
    ) -%}
    {%- set series = {} -%}
    {%- for source_id, table_name, file, is_snapshot, is_whole, horizon in run_query(snapshot_file_query()).rows -%}
        {%- set told = {'file': file, 'is_snapshot': is_snapshot, 'is_whole': is_whole, 'horizon': horizon} -%}
        {%- do series.setdefault((source_id, table_name), []).append(told) -%}
    {%- endfor -%}
    {%- for (source_id, table_name), files in series.items() -%}
        {%- set heard = withdrawing(files) -%}
        {%- if heard['before'] -%}
            {%- do run_query(vanished_query(table_name, heard['before'], heard['since'])) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}

{#- The files of sources that give full snapshots, as they follow one another; what has no horizon comes last. -#}
{%- macro snapshot_file_query() -%}
    select
        receipt.source_id,
        receipt_file.table_name,
        receipt_file.file,
        receipt.is_full_snapshot and receipt.horizon is not null as is_snapshot,
        receipt.rows_quarantined = 0 as is_whole,
        receipt.horizon
    from lake.receipt as receipt
    inner join lake.receipt_file as receipt_file on receipt.batch_id = receipt_file.batch_id
    where receipt.source_id in (select source_id from lake.receipt where is_full_snapshot)
    order by receipt.source_id, receipt_file.table_name, receipt.horizon nulls last, receipt.file_sha256
{%- endmacro -%}

{#-
    Of the files of one table of a source: the snapshots `before` the last that may withdraw records, and all files
    `since` then, of which each keeps what it tells.
-#}
{%- macro withdrawing(files) -%}
    {%- set last = namespace(accepted=none, withdrawing=none) -%}
    {%- set accepted = [] -%}
    {%- for told in files if told['is_snapshot'] -%}
        {%- if last.accepted is none or lost_share(last.accepted, told['file']) <= var('withdrawn_share') -%}
            {%- set last.accepted = told['file'] -%}
            {%- do accepted.append(told) -%}
            {%- if told['is_whole'] -%}
                {%- set last.withdrawing = told['horizon'] -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set before = [] -%}
    {%- set since = [] -%}
    {%- if last.withdrawing is not none -%}
        {%- for told in accepted if told['horizon'] < last.withdrawing -%}
            {%- do before.append(told['file']) -%}
        {%- endfor -%}
        {%- for told in files if told['horizon'] is none or told['horizon'] >= last.withdrawing -%}
            {%- do since.append(told['file']) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return({'before': before, 'since': since}) }}
{%- endmacro -%}

{#- The share of one file's records that another lacks. Files never change, so that it is counted once. -#}
{%- macro lost_share(earlier, later) -%}
    {%- set step = "earlier_file = '" ~ earlier ~ "' and later_file = '" ~ later ~ "'" -%}
    {%- set known = 'select lost_share from lake.snapshot_step where ' ~ step -%}
    {%- if not run_query(known).rows -%}
        {%- do run_query(
            "insert into lake.snapshot_step select '" ~ earlier ~ "', '" ~ later ~ "',"
            ~ ' count_if(_record_key not in (' ~ keys_of([later]) ~ ')) / count(*) from (' ~ keys_of([earlier]) ~ ')'
        ) -%}
    {%- endif -%}
    {{ return(run_query(known).rows[0][0]) }}
{%- endmacro -%}

{%- macro vanished_query(table_name, before, since) -%}
    insert into lake.vanished
    select
        '{{ table_name }}',
        _record_key
    from ({{ keys_of(before) }})
    where _record_key not in ({{ keys_of(since) }})
{%- endmacro -%}

{%- macro keys_of(files) -%}
    select distinct _record_key from read_parquet([
        {%- for file in files %}'{{ env_var("BACKHAUL_LAKE") }}/{{ file }}'{{ ', ' if not loop.last }}{% endfor -%}
    ])
{%- endmacro -%}

{#- Sources whose records a new full snapshot judges anew. -#}
{%- macro newly_told_sources() -%}
    select source_id
    from lake.receipt
    where is_full_snapshot and batch_id not in (select batch_id from lake.applied)
{%- endmacro -%}
