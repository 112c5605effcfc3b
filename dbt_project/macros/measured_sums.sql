{#-
    One column per measure, the sum of its amounts, each followed by a comma: for marts that show measures side by side.
    `columns` maps a column to its measure; `type` is the type of the sums.
-#}
{%- macro measured_sums(columns, relation, type='decimal(38, 4)') -%}
    {% for column, measure_code in columns.items() -%}
    cast(
        sum(case when {{ relation }}.measure_code = '{{ measure_code }}' then {{ relation }}.amount else 0 end)
        as {{ type }}
    ) as {{ column }},
    {% endfor %}
{%- endmacro -%}

{#- The measures of the maps given, as a list to compare with. -#}
{%- macro measure_list() -%}
    {%- for columns in varargs -%}
        {%- set outer = loop -%}
        {%- for measure_code in columns.values() -%}
        '{{ measure_code }}'{{ ', ' if not (loop.last and outer.last) }}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro -%}

{#- Sum over sum as a ratio of six decimals; null where there is nothing to divide by. -#}
{%- macro ratio(numerator, denominator) -%}
    cast(cast({{ numerator }} as double) / nullif({{ denominator }}, 0) as decimal(18, 6))
{%- endmacro -%}
