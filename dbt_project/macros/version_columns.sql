{#-
    Lineage of a lake row, renamed for the warehouse, and whether it is the current version of its record.
    Precedence is in the data: later observed_at, then content; the file hash only settles equal copies. Never load order.
-#}
{%- macro version_columns() -%}
    _record_key as record_key,
    _observed_at as observed_at,
    _source_id as source_id,
    _file_sha256 as file_sha256,
    _row as source_row,
    _path as source_path,
    row_number() over (
        partition by _record_key
        order by _observed_at desc, _content_hash desc, _file_sha256, _row, _path
    ) = 1 as is_current
{%- endmacro -%}

{#- The lineage columns by which a fact row names its source record. -#}
{%- macro lineage_columns(relation) -%}
    {{ relation }}.source_id,
    {{ relation }}.file_sha256,
    {{ relation }}.source_row
{%- endmacro -%}
