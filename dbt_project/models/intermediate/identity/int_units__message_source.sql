-- Sources of messages, each of which tells what is new: a receipt says nothing of the order that its authorisation named.
-- The rows of any other source tell all there is, and what they leave open is not known.
{{ config(materialized='touched', meta={'touched': {'key': 'source_id', 'by': 'whole'}}) }}
select distinct source_id
from {{ source('lake', 'receipt') }}
where kind in ('edifact', 'x12')
