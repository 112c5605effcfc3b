-- The closed units that a better route was left aside for: of each month of disposition the
-- {{ var('worklist_units') }} with the largest regret.
{{ config(materialized='touched', meta={'touched': {
    'key': 'disposition_month',
    'by': {'fct_return_unit': "
        select disposition_month from core.fct_unit_regret where unit_key in (select unit_key from {changes})
    "},
}}) }}
with ranked as (
    select
        *,
        row_number() over (partition by disposition_month order by regret_reporting desc, unit_key) as unit_place
    from {{ near(ref('fct_unit_regret')) }}
    where regret_reporting > 0
)

select
    ranked.disposition_month,
    ranked.unit_place,
    ranked.unit_key,
    unit.sku,
    unit.product_category,
    unit.channel,
    unit.node_id,
    unit.carrier,
    unit.return_type,
    ranked.disposition_code,
    ranked.best_disposition_code,
    ranked.expected_net_reporting,
    ranked.best_expected_net_reporting,
    ranked.regret_reporting,
    ranked.evidence_level,
    ranked.evidence_unit_count
from ranked
inner join {{ ref('fct_return_unit') }} as unit on unit.unit_key = ranked.unit_key
where ranked.unit_place <= {{ var('worklist_units') }}
