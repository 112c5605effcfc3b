-- Invariant 22: an amount in the reporting currency is the amount at its day's rate, to the cent.
with amounts as (
    {% for fact, clock in {
        'fct_cost': 'posted_at', 'fct_recovery': 'recovered_at', 'fct_refund': 'refunded_at',
        'fct_carrier_charge': 'invoiced_at',
    }.items() -%}
    select
        '{{ fact }}' as fact,
        amount,
        currency,
        amount_reporting,
        cast({{ clock }} as date) as rate_date
    from {{ ref(fact) }}
    where currency <> '{{ env_var("BACKHAUL_REPORTING_CURRENCY", "CAD") }}'
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
)

select
    amounts.*,
    fx.rate
from amounts
{{ join_fx('amounts.currency', 'amounts.rate_date') }}
where
    (fx.rate is null) <> (amounts.amount_reporting is null)
    or abs(amounts.amount_reporting - cast(amounts.amount as decimal(38, 4)) * fx.rate) > 0.01
