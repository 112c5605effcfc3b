-- How many rows could not be read, by rule; the rows themselves, with their raw text, stay in the lake.
{%- if execute -%}
{%- set files = run_query('select quarantine.file from lake.receipt where quarantine.rows > 0 order by 1').columns[0].values() -%}
{%- endif -%}
{%- set source_of_receipts = source('lake', 'receipt') %}
select
    _source_id as source_id,
    _batch_id as batch_id,
    _file_sha256 as file_sha256,
    coalesce(table_name, '') as table_name,
    rule,
    coalesce(column_name, '') as column_name,
    count(*) as row_count,
    min(_row) as first_source_row
from
    {% if files -%}
    read_parquet([
        {%- for file in files %}
        '{{ env_var("BACKHAUL_LAKE") }}/{{ file }}'{{ ',' if not loop.last }}
        {%- endfor %}
    ])
    {%- else -%}
    (
        select
            '' as _source_id, '' as _batch_id, '' as _file_sha256, cast(0 as bigint) as _row,
            '' as table_name, '' as rule, '' as column_name
        where false
    )
    {%- endif %}
group by 1, 2, 3, 4, 5, 6
