-- One row per column of a published table or view, in the order of the table.
select
    columns.schema_name || '.' || columns.table_name as table_name,
    coalesce(tables.comment, views.comment) as table_comment,
    columns.column_name,
    lower(columns.data_type) as data_type,
    columns.comment as column_comment
from duckdb_columns() as columns
left join duckdb_tables() as tables
    on tables.schema_name = columns.schema_name and tables.table_name = columns.table_name
left join duckdb_views() as views
    on views.schema_name = columns.schema_name and views.view_name = columns.table_name
where columns.schema_name in ('core', 'marts', 'quality')
order by columns.schema_name = 'marts' desc, table_name, columns.column_index
