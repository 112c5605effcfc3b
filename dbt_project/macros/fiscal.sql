{#- Months gone by since the fiscal year began, 0 to 11. -#}
{%- macro fiscal_months_gone(day, start_month) -%}
    mod(month({{ day }}) - {{ start_month }} + 12, 12)
{%- endmacro -%}

{#- The fiscal year of a day, named for the calendar year in which it ends. -#}
{%- macro fiscal_year(day, start_month) -%}
    year({{ day }}) + case when {{ start_month }} > 1 and month({{ day }}) >= {{ start_month }} then 1 else 0 end
{%- endmacro -%}

{%- macro fiscal_quarter(day, start_month) -%}
    {{ integer_divide(fiscal_months_gone(day, start_month), '3') }} + 1
{%- endmacro -%}
