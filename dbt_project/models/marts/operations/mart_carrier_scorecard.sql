-- A carrier's month: on time, lost, damaged, dearer than quoted, and what claims brought. Each figure is dated as its
-- metric says (delivery, first scan, label, invoice, filing), so that a month is not one set of parcels.
{%- set counts = {
    'promised_count': 'PARCELS_DELIVERED_PROMISED', 'on_time_count': 'PARCELS_ON_TIME',
    'scanned_count': 'PARCELS_SCANNED', 'lost_count': 'PARCELS_LOST', 'charged_count': 'PARCELS_CHARGED',
    'label_count': 'LABELS_ISSUED', 'unused_label_count': 'LABELS_UNUSED',
    'damaged_unit_count': 'UNITS_CARRIER_DAMAGED', 'received_unit_count': 'UNITS_RECEIVED',
    'claim_filed_count': 'CARRIER_CLAIMS_FILED', 'claim_paid_count': 'CARRIER_CLAIMS_PAID',
} %}
{%- set amounts = {
    'freight_reporting': 'FREIGHT_OF_PARCELS', 'weighed_freight_reporting': 'FREIGHT_OF_WEIGHED_PARCELS',
    'quoted_reporting': 'QUOTED_OF_BILLED', 'variance_reporting': 'VARIANCE_OF_BILLED',
    'disputed_reporting': 'AUDIT_FINDINGS_AMOUNT', 'claimed_reporting': 'CARRIER_CLAIMS_FILED_AMOUNT',
    'paid_reporting': 'CARRIER_CLAIMS_PAID_AMOUNT',
} %}
{%- set masses = {'billed_weight_kg': 'PARCEL_BILLED_KG'} %}
with measures as (
    {% for view in ['fct_measure_parcel', 'fct_measure_work', 'fct_measure_unit'] -%}
    select
        measure_code,
        cast(date_trunc('month', measured_on) as date) as period_month,
        carrier,
        amount
    from {{ ref(view) }}
    where carrier is not null
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

sums as (
    select
        measures.carrier,
        measures.period_month,
        {{ measured_sums(counts, 'measures', 'bigint') }}
        {{ measured_sums(amounts, 'measures') }}
        {{ measured_sums(masses, 'measures', 'decimal(38, 6)') }}
        cast(
            {{ quantile("case when measures.measure_code = 'CARRIER_CLAIM_CYCLE_DAYS' then measures.amount end", 0.5) }}
            as decimal(18, 6)
        ) as claim_median_days
    from measures
    where
        measures.measure_code = 'CARRIER_CLAIM_CYCLE_DAYS'
        or measures.measure_code in ({{ measure_list(counts, amounts, masses) }})
    group by measures.carrier, measures.period_month
)

select
    *,
    {% for column, (numerator, denominator) in {
        'on_time_rate': ('on_time_count', 'promised_count'),
        'lost_rate': ('lost_count', 'scanned_count'),
        'damaged_rate': ('damaged_unit_count', 'received_unit_count'),
        'unused_label_rate': ('unused_label_count', 'label_count'),
        'variance_rate': ('variance_reporting', 'quoted_reporting'),
        'claim_win_rate': ('claim_paid_count', 'claim_filed_count'),
    }.items() -%}
    {{ ratio(numerator, denominator) }} as {{ column }},
    {% endfor -%}
    cast({{ ratio('weighed_freight_reporting', 'billed_weight_kg') }} as decimal(18, 4)) as cost_per_kg_reporting,
    cast({{ ratio('freight_reporting', 'charged_count') }} as decimal(18, 4)) as cost_per_parcel_reporting
from sums
