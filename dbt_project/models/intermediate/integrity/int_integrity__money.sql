-- Amounts that cannot be right beside what they are about: more recovered than a limit allows, duty both spared and
-- drawn back, a charge with the sign of a credit; and amounts that no rate or no unit was found for.
{%- set own_and_of_unit = "select {key} from {changes} union select unit_key from {changes}" %}
{{ config(materialized='touched', meta={'touched': {
    'key': 'subject_key',
    'by': {
        'fct_return_unit': "select unit_key from {changes}",
        'fct_cost': own_and_of_unit | replace('{key}', 'cost_key'),
        'fct_recovery': own_and_of_unit | replace('{key}', 'recovery_key'),
        'fct_claim': "select claim_key from {changes}",
        'fct_carrier_charge': "select carrier_charge_key from {changes}",
    },
}}) }}
with unit as (
    select * from {{ near(ref('fct_return_unit'), 'unit_key in {keys}') }}
),

cost as (
    select * from {{ near(ref('fct_cost'), ['cost_key in {keys}', 'unit_key in {keys}']) }}
),

recovery as (
    select * from {{ near(ref('fct_recovery'), ['recovery_key in {keys}', 'unit_key in {keys}']) }}
),

duties as (
    select
        unit_key,
        sum(amount_reporting) as duty_reporting
    from cost
    where category_code = 'DUTY_IN' and unit_key is not null
    group by unit_key
),

recovered as (
    select
        {% for category_code in ['REC_SALE', 'REC_RTV', 'REC_DBK'] -%}
        sum(case when category_code = '{{ category_code }}' then amount_reporting else 0 end)
            as {{ category_code | lower }}_reporting,
        {% endfor -%}
        unit_key
    from recovery
    where unit_key is not null
    group by unit_key
),

limits as (
    select
        unit.unit_key,
        case
            -- beside the list price, what it was first sold for may have been a discount; one below cost is no limit
            when
                recovered.rec_sale_reporting > unit.list_price_reporting * cast(1.05 as decimal(3, 2))
                and unit.list_price_reporting > unit.landed_cost_reporting
                then 'REC_SALE'
            when recovered.rec_rtv_reporting > unit.landed_cost_reporting then 'REC_RTV'
            when recovered.rec_dbk_reporting > coalesce(duties.duty_reporting, 0) then 'REC_DBK'
        end as exceeded,
        recovered.rec_dbk_reporting > 0
        and coalesce(unit.duty_treatment in ('FREE_9813', 'FREE_9814', 'FREE_US_9801'), false)
            as is_spared_and_drawn_back,
        unit.duty_treatment,
        unit.source_table,
        {{ lineage_columns('unit') }}
    from unit
    inner join recovered on recovered.unit_key = unit.unit_key
    left join duties on duties.unit_key = unit.unit_key
)

select
    'recovered_above_limit' as rule_id,
    unit_key as subject_key,
    exceeded as detail,
    unit_key,
    source_table,
    source_id,
    file_sha256,
    source_row
from limits
where exceeded is not null
union all
select
    'duty_spared_and_drawn_back' as rule_id,
    unit_key as subject_key,
    duty_treatment as detail,
    unit_key,
    source_table,
    source_id,
    file_sha256,
    source_row
from limits
where is_spared_and_drawn_back
union all
select
    'claim_above_value' as rule_id,
    claim.claim_key as subject_key,
    claim.claim_id as detail,
    claim.unit_key,
    'backhaul__claims' as source_table,
    {{ lineage_columns('claim') }}
from {{ near(ref('fct_claim'), 'claim_key in {keys}') }} as claim
where claim.paid_amount > claim.claimed_amount
{% for rule, where in {
    'wrong_sign': "charge.charge_class = 'CREDIT' and charge.amount > 0"
    " or charge.charge_class not in ('CREDIT', 'ADJUSTMENT', 'OTHER') and charge.amount < 0",
    'unmapped_charge': "charge.charge_class = 'OTHER'",
}.items() -%}
union all
select
    '{{ rule }}' as rule_id,
    charge.carrier_charge_key as subject_key,
    charge.invoice_id || '#' || charge.invoice_line as detail,
    cast(null as {{ key_type() }}) as unit_key,
    'backhaul__carrier_charges' as source_table,
    {{ lineage_columns('charge') }}
from {{ near(ref('fct_carrier_charge'), 'carrier_charge_key in {keys}') }} as charge
where {{ where }}
{% endfor -%}
{% for amounts in ['cost', 'recovery'] -%}
union all
select
    'unpriced_currency' as rule_id,
    {{ amounts }}_key as subject_key,
    currency as detail,
    unit_key,
    source_table,
    source_id,
    file_sha256,
    source_row
from {{ amounts }}
where amount_reporting is null
{% endfor -%}
union all
select
    'unallocated_cost' as rule_id,
    cost_key as subject_key,
    coalesce(tracking_number, document_id) as detail,
    unit_key,
    source_table,
    source_id,
    file_sha256,
    source_row
from cost
where allocation_method = 'UNALLOCATED'
