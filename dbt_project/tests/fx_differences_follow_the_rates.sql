-- Invariant 22: what a rate gained or lost is the amount times what the rate moved, to two roundings.
{%- set changed = "record_key in (select record_key from touched.fct_fx_difference)" %}
select
    difference.fx_difference_key,
    difference.amount_reporting,
    booked.rate as booked_rate,
    paid.rate as paid_rate
from {{ lately(ref('fct_fx_difference'), changed, ['fct_fx_difference']) }} as difference
{{ join_fx('difference.currency', 'difference.booked_at', 'booked') }}
{{ join_fx('difference.currency', 'difference.paid_at', 'paid') }}
where
    (booked.rate is null or paid.rate is null) <> (difference.amount_reporting is null)
    or abs(
        difference.amount_reporting - cast(difference.amount as decimal(38, 4)) * (paid.rate - booked.rate)
    ) > 0.0001
