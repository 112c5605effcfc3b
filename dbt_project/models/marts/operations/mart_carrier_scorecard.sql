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
with sums as (
    select
        measure.carrier,
        measure.period_month,
        {{ measured_sums(counts, 'measure', 'bigint') }}
        {{ measured_sums(amounts, 'measure') }}
        {{ measured_sums(masses, 'measure', 'decimal(38, 6)') }}
        max(durations.median_days) as claim_median_days
    from {{ ref('fct_measure_month') }} as measure
    left join {{ ref('fct_measure_duration') }} as durations
        on
            durations.measure_code = 'CARRIER_CLAIM_CYCLE_DAYS'
            and durations.period_month = measure.period_month
            and durations.slice_dimension = 'CARRIER'
            and durations.slice_member = measure.carrier
    where
        measure.carrier is not null
        and (
            measure.measure_code = 'CARRIER_CLAIM_CYCLE_DAYS'
            or measure.measure_code in ({{ measure_list(counts, amounts, masses) }})
        )
    group by measure.carrier, measure.period_month
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
