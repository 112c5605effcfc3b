-- The instant up to which the warehouse knows: the latest event in the applied receipts, never the clock on the wall.
{{ config(materialized='touched', meta={'touched': {'key': 'as_of', 'by': 'whole'}}) }}
select max(horizon) as as_of from {{ source('lake', 'receipt') }}
