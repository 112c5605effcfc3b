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

{#- An authorisation number that sources use for different returns, told apart by whose it is; `scope` null: by all. -#}
{%- macro scoped_rma(rma_id, scope) -%}
    {{ rma_id }} || case when {{ scope }} is null then '' else '@' || {{ scope }} end
{%- endmacro -%}

{#- A serial number that came back before is another unit each time. -#}
{%- macro episode_evidence(serial_evidence, episode_number) -%}
    {{ serial_evidence }}
    || case when {{ episode_number }} > 1 then '~' || cast({{ episode_number }} as string) else '' end
{%- endmacro -%}

{#-
    Names the unit of a native record: joins int_units__record under the alias named; `where` as for near(), without it
    the rows of the key that is recomputed.
-#}
{%- macro join_unit(relation, source_table, how='left', where=none) -%}
    {{ how }} join {{ near(ref('int_units__record'), where) }} as named
        on named.source_table = '{{ source_table }}' and named.record_key = {{ relation }}.record_key
        {%- if how == 'inner' %} and named.unit_key is not null{% endif %}
{%- endmacro -%}

{#- The pool of a node in a month, as one name; null without a node or time. -#}
{%- macro node_month(node_id, at) -%}
    {{ node_id }} || '@' || cast(cast(date_trunc('month', {{ at }}) as date) as string)
{%- endmacro -%}
