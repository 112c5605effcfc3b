-- What the exchange rate gained or lost between the day on which a cost or recovery was booked and the day on which it was
-- paid, in the reporting currency. Figures stay at the rate of the booking; this stands beside them, in none of their sums.
{{ config(materialized='touched', meta={'touched': {
    'key': 'record_key',
    'by': {
        'fct_fx_rate': rows_of_rates('core.fct_fx_difference', 'record_key', 'paid_at'),
    },
}}) }}
with booked as (
    {% for fact, (key, clock, sign) in {
        'fct_cost': ('cost_key', 'posted_at', 1), 'fct_recovery': ('recovery_key', 'recovered_at', -1),
    }.items() -%}
    select
        {{ key }} as fx_difference_key,
        record_key,
        unit_key,
        category_code as booked_category_code,
        {{ clock }} as booked_at,
        paid_at,
        cast({{ sign }} * amount as decimal(18, 4)) as amount,
        currency,
        cast({{ sign }} * amount_reporting as decimal(18, 4)) as booked_rate_reporting,
        source_table,
        source_id,
        file_sha256,
        source_row
    from {{ near(ref(fact)) }}
    where paid_at is not null and currency <> '{{ env_var("BACKHAUL_REPORTING_CURRENCY", "CAD") }}'
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

paid as (
    select
        booked.*,
        {{ reporting_amount('booked.amount', 'booked.currency') }} as paid_rate_reporting
    from booked
    {{ join_fx('booked.currency', 'booked.paid_at') }}
)

select
    fx_difference_key,
    record_key,
    unit_key,
    'FX_DIFF' as category_code,
    booked_category_code,
    booked_at,
    paid_at,
    amount,
    currency,
    booked_rate_reporting,
    paid_rate_reporting,
    cast(paid_rate_reporting - booked_rate_reporting as decimal(18, 4)) as amount_reporting,
    source_table,
    source_id,
    file_sha256,
    source_row
from paid
