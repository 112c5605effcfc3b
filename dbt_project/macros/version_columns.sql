{#-
    Lineage of a lake row, renamed for the warehouse, and whether it is the current version of its record.
    Precedence is in the data: later observed_at, then a withdrawal, then content; the file hash only settles equal copies.
    Never load order. A record whose last version withdraws it has none that stands, nor has one that has vanished from
    the full snapshots of its source.
-#}
{%- macro version_columns() -%}
    cast(_record_key as {{ key_type() }}) as record_key,
    _observed_at as observed_at,
    coalesce(_withdrawn, false) as is_withdrawn,
    _content_hash as content_hash,
    _source_id as source_id,
    _file_sha256 as file_sha256,
    _row as source_row,
    _path as source_path,
    {{ is_current_version('_') }} as is_current
{%- endmacro -%}

{#- Whether a row is the version of its record that stands; `prefix` is what the lake's own columns begin with. -#}
{%- macro is_current_version(prefix='') -%}
    {%- set row = prefix ~ 'row' if prefix else 'source_row' -%}
    {%- set path = prefix ~ 'path' if prefix else 'source_path' -%}
    {%- set withdrawn = 'coalesce(_withdrawn, false)' if prefix else 'is_withdrawn' -%}
    row_number() over (
        partition by {{ prefix }}record_key
        order by
            {{ prefix }}observed_at desc, {{ withdrawn }} desc, {{ prefix }}content_hash desc,
            {{ prefix }}file_sha256, {{ row }}, {{ path }}
    ) = 1
    and not {{ withdrawn }}
    and not {{ '_vanished' if prefix else 'is_vanished' }}
{%- endmacro -%}

{#- The lineage columns by which a fact row names its source record. -#}
{%- macro lineage_columns(relation) -%}
    {{ relation }}.source_id,
    {{ relation }}.file_sha256,
    {{ relation }}.source_row
{%- endmacro -%}
