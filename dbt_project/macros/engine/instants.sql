{#- Whole seconds from one instant to another, negative when the second comes first. -#}
{%- macro seconds_between(earlier, later) -%}
    {{ adapter.dispatch('seconds_between', 'backhaul')(earlier, later) }}
{%- endmacro -%}

{%- macro default__seconds_between(earlier, later) -%}
    date_diff('second', {{ earlier }}, {{ later }})
{%- endmacro -%}

{%- macro spark__seconds_between(earlier, later) -%}
    (unix_timestamp({{ later }}) - unix_timestamp({{ earlier }}))
{%- endmacro -%}
