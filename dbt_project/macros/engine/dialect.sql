{#- One row per unit of a quantity: 1-based `unit_ordinal`. Use as the last item of a from clause. -#}
{%- macro explode_ordinals(quantity) -%}
    {{ adapter.dispatch('explode_ordinals', 'backhaul')(quantity) }}
{%- endmacro -%}

{%- macro default__explode_ordinals(quantity) -%}
    cross join unnest(range(1, {{ quantity }} + 1)) as ordinals (unit_ordinal)
{%- endmacro -%}

{%- macro spark__explode_ordinals(quantity) -%}
    lateral view explode(sequence(1L, {{ quantity }})) ordinals as unit_ordinal
{%- endmacro -%}

{#- Integer division, rounded towards zero. -#}
{%- macro integer_divide(numerator, denominator) -%}
    {{ adapter.dispatch('integer_divide', 'backhaul')(numerator, denominator) }}
{%- endmacro -%}

{%- macro default__integer_divide(numerator, denominator) -%}
    ({{ numerator }}) // ({{ denominator }})
{%- endmacro -%}

{%- macro spark__integer_divide(numerator, denominator) -%}
    ({{ numerator }}) div ({{ denominator }})
{%- endmacro -%}

{#- One row per day from the first to the last date, both included: `day`. Use in a from clause. -#}
{%- macro days_between(first_day, last_day) -%}
    {{ adapter.dispatch('days_between', 'backhaul')(first_day, last_day) }}
{%- endmacro -%}

{%- macro default__days_between(first_day, last_day) -%}
    (select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date) as day) as days
{%- endmacro -%}

{%- macro spark__days_between(first_day, last_day) -%}
    (select explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day)) as day) as days
{%- endmacro -%}
