{#- The month whose beginning a unit's decision looks back from; an undecided unit is decided on the as-of day. -#}
{%- macro decision_month(unit, as_of) -%}
    cast(date_trunc('month', coalesce({{ unit }}.disposition_decided_at, {{ as_of }})) as date)
{%- endmacro -%}

{#- The units that the same history speaks for: those of a category and grade decided in a month, as one name. -#}
{%- macro evidence_key(month, relation) -%}
    cast({{ month }} as string) || '|' || coalesce({{ relation }}.product_category, '')
    || '|' || coalesce({{ relation }}.grade_code, '')
{%- endmacro -%}
