{#-
    An amount in the reporting currency at its day's rate, four decimals, half away from zero. Null when no rate is
    known: the row then counts in no sum and lowers coverage. Join the rates with `join_fx` under the alias fx.
-#}
{%- macro reporting_amount(amount, currency) -%}
    case
        when {{ currency }} = '{{ env_var("BACKHAUL_REPORTING_CURRENCY", "CAD") }}' then {{ amount }}
        else cast(round(cast({{ amount }} as decimal(38, 4)) * fx.rate, 4) as decimal(18, 4))
    end
{%- endmacro -%}

{%- macro join_fx(currency, day) -%}
    left join {{ ref('fct_fx_rate') }} as fx
        on
            fx.from_currency = {{ currency }}
            and fx.to_currency = '{{ env_var("BACKHAUL_REPORTING_CURRENCY", "CAD") }}'
            and fx.rate_date = cast({{ day }} as date)
{%- endmacro -%}
