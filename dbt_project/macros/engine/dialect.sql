{#-
    A surrogate key: one value for one combination of the parts, which are expressions that are never null. 16 bytes,
    for every step of a day looks once through the keys of all history; where an engine has no such type, text.
-#}
{%- macro surrogate_key(parts) -%}
    cast(md5({{ parts | join(" || '|' || ") }}) as {{ key_type() }})
{%- endmacro -%}

{#- The type of surrogate keys. -#}
{%- macro key_type() -%}
    {{ return(adapter.dispatch('key_type', 'backhaul')()) }}
{%- endmacro -%}

{%- macro default__key_type() -%}
    {{ return('uuid') }}
{%- endmacro -%}

{%- macro spark__key_type() -%}
    {{ return('string') }}
{%- endmacro -%}

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

{#- Integer division, rounded towards zero; null over zero. -#}
{%- macro integer_divide(numerator, denominator) -%}
    {{ adapter.dispatch('integer_divide', 'backhaul')(numerator, denominator) }}
{%- endmacro -%}

{%- macro default__integer_divide(numerator, denominator) -%}
    ({{ numerator }}) // nullif({{ denominator }}, 0)
{%- endmacro -%}

{%- macro spark__integer_divide(numerator, denominator) -%}
    ({{ numerator }}) div nullif({{ denominator }}, 0)
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

{#- A quantile between neighbouring values, 0 to 1. -#}
{%- macro quantile(expression, share) -%}
    {{ adapter.dispatch('quantile', 'backhaul')(expression, share) }}
{%- endmacro -%}

{%- macro default__quantile(expression, share) -%}
    quantile_cont({{ expression }}, {{ share }})
{%- endmacro -%}

{%- macro spark__quantile(expression, share) -%}
    percentile({{ expression }}, {{ share }})
{%- endmacro -%}

{#- A date moved by a number of days. -#}
{%- macro add_days(day, days) -%}
    {{ adapter.dispatch('add_days', 'backhaul')(day, days) }}
{%- endmacro -%}

{%- macro default__add_days(day, days) -%}
    {{ day }} + {{ days }}
{%- endmacro -%}

{%- macro spark__add_days(day, days) -%}
    date_add({{ day }}, {{ days }})
{%- endmacro -%}

{#- Calendar days from one instant to a later one; negative when it is earlier. -#}
{%- macro whole_days(first, last) -%}
    {{ adapter.dispatch('whole_days', 'backhaul')(first, last) }}
{%- endmacro -%}

{%- macro default__whole_days(first, last) -%}
    cast(cast({{ last }} as date) - cast({{ first }} as date) as bigint)
{%- endmacro -%}

{%- macro spark__whole_days(first, last) -%}
    cast(datediff({{ last }}, {{ first }}) as bigint)
{%- endmacro -%}

{#- An integer type wide enough for a product of two amounts. -#}
{%- macro wide_integer() -%}
    {{ adapter.dispatch('wide_integer', 'backhaul')() }}
{%- endmacro -%}

{%- macro default__wide_integer() -%}
    hugeint
{%- endmacro -%}

{%- macro spark__wide_integer() -%}
    decimal(38, 0)
{%- endmacro -%}

{#- The texts of a group as one, in their own order. -#}
{%- macro sorted_texts(text) -%}
    {{ adapter.dispatch('sorted_texts', 'backhaul')(text) }}
{%- endmacro -%}

{%- macro default__sorted_texts(text) -%}
    string_agg({{ text }}, ',' order by {{ text }})
{%- endmacro -%}

{%- macro spark__sorted_texts(text) -%}
    array_join(array_sort(collect_list({{ text }})), ',')
{%- endmacro -%}
