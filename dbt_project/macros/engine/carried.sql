{#-
    Sums that are carried on with by difference: what they were, less what the rows that went counted, plus what those
    that came count. The table's key is one of the columns that are summed by; its other keys' rows are not looked at.
    Amounts are decimals, so nothing is lost.
-#}

{#- The rows of an input that come and, with `row_change` -1, go; all rows when the table is computed whole. -#}
{%- macro changes_of(relation) -%}
    {%- if is_touched() -%}
        (select *, if(is_new, 1, -1) as row_change from touched.{{ relation.identifier }})
    {%- else -%}
        (select *, 1 as row_change from {{ relation }})
    {%- endif -%}
{%- endmacro -%}

{#-
    The same of a query that joins measured facts (measured_facts): it is asked over their copies as they are and as
    they were, so what did not change cancels out. The model names fct_measure_cost, whose journal says that there are
    copies.
-#}
{%- macro changes_of_query(query) -%}
    {%- if is_touched() -%}
        (
            select *, 1 as row_change from ({{ measured_side(query, 'now') }}) as now
            union all
            select *, -1 as row_change from ({{ measured_side(query, 'before') }}) as before
        )
    {%- else -%}
        (select *, 1 as row_change from ({{ query }}) as now)
    {%- endif -%}
{%- endmacro -%}

{#- The sums of a relation, `groups` by which and `sums` as maps of column to type, on top of those that stand. -#}
{%- macro carried_on(relation, groups, sums) -%}
    (
        select
            {%- for column in groups %}
            {{ column }},
            {%- endfor %}
            {%- for column, type in sums.items() %}
            cast(sum({{ column }}) as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select {{ (groups + sums.keys() | list) | join(', ') }}
            from {{ relation }}
            {%- if is_touched() %}
            union all
            select {{ (groups + sums.keys() | list) | join(', ') }}
            from {{ this }}
            where {{ model.config.meta['touched']['key'] }} in (select key_value from touched.{{ this.name }}__key)
            {%- endif %}
        ) as summed
        group by {{ groups | join(', ') }}
    )
{%- endmacro -%}
