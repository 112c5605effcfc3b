-- A metric is defined once: what the marts add up to by month is what the catalogue's measures do.
{% set shown = [
    ('A01', 'mart_return_rate_cohort', 'cohort_month', 'returned_count', 'deliverable_count'),
    ('A03', 'mart_return_rate_cohort', 'cohort_month', 'returned_reporting', 'shipped_reporting'),
    ('A14', 'mart_disposition_mix', 'period_month', 'unit_count', 'unit_count'),
    ('B02', 'mart_cost_per_return', 'period_month', 'cost_reporting', none),
    ('B11a', 'mart_carrier_scorecard', 'period_month', 'weighed_freight_reporting', 'billed_weight_kg'),
    ('B11b', 'mart_carrier_scorecard', 'period_month', 'freight_reporting', 'charged_count'),
    ('B12', 'mart_cross_border_duty', 'period_month', 'net_duty_reporting', 'unit_count'),
    ('C01', 'mart_recovery', 'period_month', 'gross_proceeds_reporting', 'landed_cost_reporting'),
    ('C03', 'mart_recovery', 'period_month', 'net_recovery_reporting', 'landed_cost_reporting'),
    ('C09', 'mart_vendor_recovery', 'period_month', 'credited_reporting', 'landed_cost_reporting'),
    ('E01', 'mart_carrier_scorecard', 'period_month', 'on_time_count', 'promised_count'),
    ('E02', 'mart_carrier_scorecard', 'period_month', 'lost_count', 'scanned_count'),
    ('E05', 'mart_carrier_scorecard', 'period_month', 'variance_reporting', 'quoted_reporting'),
    ('E06', 'mart_invoice_audit', 'period_month', 'disputed_reporting', none),
    ('E07', 'mart_carrier_scorecard', 'period_month', 'unused_label_count', 'label_count'),
    ('E08b', 'mart_carrier_scorecard', 'period_month', 'claim_paid_count', 'claim_filed_count'),
    ('G01', 'mart_retention', 'period_month', 'retained_count', 'refunded_count'),
] -%}
with shown as (
    {% for kpi_id, mart, month, numerator, denominator in shown -%}
    select
        '{{ kpi_id }}' as kpi_id,
        {{ month }} as period_month,
        sum({{ numerator }}) as numerator,
        {{ 'sum(' ~ denominator ~ ')' if denominator else 'null' }} as denominator
    from {{ ref(mart) }}
    group by {{ month }}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}
),

told as (
    select
        kpi.kpi_id,
        kpi.period_month,
        kpi.numerator,
        kpi.denominator
    from {{ ref('fct_kpi') }} as kpi
    where kpi.slice_dimension = 'ALL' and kpi.kpi_id in (select shown.kpi_id from shown)
)

select
    coalesce(told.kpi_id, shown.kpi_id) as kpi_id,
    coalesce(told.period_month, shown.period_month) as period_month,
    told.numerator as kpi_numerator,
    shown.numerator as shown_numerator,
    told.denominator as kpi_denominator,
    shown.denominator as shown_denominator
from told
full join shown on shown.kpi_id = told.kpi_id and shown.period_month = told.period_month
where
    round(coalesce(told.numerator, 0) - coalesce(shown.numerator, 0), 3) <> 0
    or (
        shown.denominator is not null
        and round(coalesce(told.denominator, 0) - coalesce(shown.denominator, 0), 3) <> 0
    )
