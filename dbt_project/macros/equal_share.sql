{#- An amount over a whole number, four decimals, half away from zero, without a detour by floating point. -#}
{%- macro equal_share(amount, count) -%}
    {%- set ten_thousandths = "cast(abs(" ~ amount ~ ") * 10000 as " ~ wide_integer() ~ ")" -%}
    cast(
        sign({{ amount }})
        * cast({{ integer_divide(ten_thousandths ~ ' * 2 + ' ~ count, count ~ ' * 2') }} as decimal(18, 0))
        * cast(0.0001 as decimal(5, 4))
        as decimal(18, 4)
    )
{%- endmacro -%}
