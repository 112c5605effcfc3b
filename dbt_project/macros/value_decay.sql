{#-
    What is left of a price after so many days at a constant rate, 0.01 to 1, eight decimals: old stock keeps a hundredth
    of its price. The exponential is the one place where a float is met; it is rounded before anything is multiplied.
-#}
{%- macro value_decay(decay_per_day, days) -%}
    greatest(
        cast(exp(-cast({{ decay_per_day }} as double) * {{ days }}) as decimal(18, 8)), cast(0.01 as decimal(18, 8))
    )
{%- endmacro -%}
