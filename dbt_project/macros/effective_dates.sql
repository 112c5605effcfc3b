{#-
    From when to when each version of a type 2 dimension holds, half-open, and whether it is the last: `valid_from`,
    `valid_to`, `is_current`. `clock` is the day from which a version holds. `first` is where the first one begins: what
    was before it is described by it too, unless the dimension says otherwise.
-#}
{%- macro effective_dates(key, clock='effective_from', first="cast('1900-01-01' as date)") -%}
    {%- set versions = 'over (partition by ' ~ key ~ ' order by ' ~ clock ~ ')' -%}
    case when lag({{ clock }}) {{ versions }} is null then {{ first }} else {{ clock }} end as valid_from,
    coalesce(lead({{ clock }}) {{ versions }}, cast('9999-12-31' as date)) as valid_to,
    lead({{ clock }}) {{ versions }} is null as is_current
{%- endmacro -%}
