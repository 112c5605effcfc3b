{#-
    An amount in the reporting currency at its day's rate, four decimals, half away from zero. Null when no rate is
    known: the row then counts in no sum and lowers coverage. Join the rates with `join_fx` under the same alias.
-#}
{%- macro reporting_amount(amount, currency, rates='fx') -%}
    case
        when {{ currency }} = '{{ env_var("BACKHAUL_REPORTING_CURRENCY", "CAD") }}' then {{ amount }}
        else cast(round(cast({{ amount }} as decimal(38, 4)) * {{ rates }}.rate, 4) as decimal(18, 4))
    end
{%- endmacro -%}

{%- macro join_fx(currency, day, rates='fx') -%}
    left join {{ ref('fct_fx_rate') }} as {{ rates }}
        on
            {{ rates }}.from_currency = {{ currency }}
            and {{ rates }}.to_currency = '{{ env_var("BACKHAUL_REPORTING_CURRENCY", "CAD") }}'
            and {{ rates }}.rate_date = cast({{ day }} as date)
{%- endmacro -%}
