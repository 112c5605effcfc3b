-- How many rows could not be read, by rule; the rows themselves, with their raw text, stay in the lake.
{%- set files = [] -%}
{%- if execute -%}
{%- set files = lake_files('select quarantine.file from lake.receipt where quarantine.rows > 0 order by 1') -%}
{%- endif -%}
{%- set source_of_receipts = source('lake', 'receipt') %}
with quarantined as (
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
)

select
    _source_id as source_id,
    _batch_id as batch_id,
    _file_sha256 as file_sha256,
    coalesce(table_name, '') as table_name,
    rule,
    coalesce(column_name, '') as column_name,
    count(*) as row_count,
    min(_row) as first_source_row
from quarantined
group by 1, 2, 3, 4, 5, 6
