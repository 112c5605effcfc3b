-- What counts in the metrics, one returned unit at a time. Names are without a database: measure views are published
-- as they stand beside the facts they read.
{{ config(materialized='view') }}
{%- set unit = ref('fct_return_unit').include(database=false) %}
with unit as (
    select * from {{ unit }}
)

{{ measure('UNITS_RECEIVED', 'unit', 'received_at') }}
union all
{{ measure('UNITS_RECEIVED_COSTED', 'unit', 'received_at', where='unit.is_costed') }}
union all
{{ measure('PRICE_OF_RECEIVED', 'unit', 'received_at', amount='unit.unit_price_reporting',
    where='unit.unit_price_reporting is not null') }}
union all
{{ measure('UNITS_CROSSED', 'unit', 'received_at', where='unit.from_country <> unit.to_country') }}
union all
{{ measure('UNITS_RECEIVED_LOCATED', 'unit', 'received_at',
    where='unit.from_country is not null and unit.to_country is not null') }}
union all
{{ measure('UNITS_CLOSED', 'unit', 'disposition_executed_at', component='unit.disposition_code') }}
union all
{{ measure('UNITS_CLOSED_COSTED', 'unit', 'disposition_executed_at', where='unit.is_costed') }}
union all
{{ measure('UNITS_CLOSED_OWNED', 'unit', 'disposition_executed_at', where='not unit.is_customer_owned') }}
union all
{{ measure('UNITS_CLOSED_OWNED_VALUED', 'unit', 'disposition_executed_at',
    where='not unit.is_customer_owned and unit.landed_cost_reporting is not null') }}
union all
{{ measure('UNITS_CLOSED_VALUED', 'unit', 'disposition_executed_at', where='unit.landed_cost_reporting is not null') }}
union all
{{ measure('UNITS_CLOSED_WEIGHED', 'unit', 'disposition_executed_at', where='unit.mass_kg is not null') }}
