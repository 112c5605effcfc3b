{#-
    How a table whose `meta.scoped` is true is made of all its rows: a view in the schema `scoped`, over names without a
    database. It is published, so that the table can be made anew of the rows that a reader may see. What such a table
    reads is published too, or has a view of its own there.
-#}
{%- macro keep_definition() -%}
    {{ return(adapter.dispatch('keep_definition', 'backhaul')()) }}
{%- endmacro -%}

{#- On a cluster nothing is published from. -#}
{%- macro default__keep_definition() -%}{%- endmacro -%}

{%- macro duckdb__keep_definition() -%}
    {%- if execute and model.config.meta.get('scoped') and not is_touched() -%}
        {%- set whole = render(model.raw_code) | replace('"' ~ this.database ~ '".', '') -%}
        create or replace view scoped.{{ this.name }} as {{ whole | replace('"intermediate".', 'scoped.') }};
        comment on view scoped.{{ this.name }} is
        'How {{ this.name }} is made of all rows: made anew for a reader who sees some of them.'
    {%- endif -%}
{%- endmacro -%}
