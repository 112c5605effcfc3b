{#- Days from one instant to another, six decimals, half away from zero; negative when the second comes first. -#}
{%- macro elapsed_days(earlier, later) -%}
    cast(cast({{ seconds_between(earlier, later) }} as decimal(18, 0)) / 86400 as decimal(18, 6))
{%- endmacro -%}
