{#- The evidence of a native record, one typed key per identifier it carries; null where it carries none. -#}
{%- macro lpn_evidence(lpn) -%}
    'lpn:' || upper(trim({{ lpn }}))
{%- endmacro -%}

{%- macro serial_evidence(serial_number) -%}
    'serial:' || upper(trim({{ serial_number }}))
{%- endmacro -%}

{%- macro rma_evidence(rma_id, rma_line, unit_ordinal) -%}
    'rma:' || {{ rma_id }} || '#' || coalesce({{ rma_line }}, '1') || '#' || cast(coalesce({{ unit_ordinal }}, 1) as string)
{%- endmacro -%}

{#- The strongest evidence of a native record that names a unit. -#}
{%- macro unit_evidence() -%}
    coalesce(
        {{ lpn_evidence('lpn') }},
        {{ serial_evidence('serial_number') }},
        {{ rma_evidence('rma_id', 'rma_line', 'unit_ordinal') }}
    )
{%- endmacro -%}
