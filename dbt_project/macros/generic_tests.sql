{#- No two rows share the combination. Failing rows come with how often they occur. -#}
{%- test unique_combination(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{%- endtest -%}

{#- Every record has exactly one version that stands; none where the last one withdraws it, or where it has vanished. -#}
{%- test one_current_version(model) %}
select
    record_key,
    count(*) as version_count,
    count_if(is_current) as current_count
from {{ model }}
group by record_key
having
    count_if(is_current) <> case
        when max(case when is_withdrawn then observed_at end) = max(observed_at) then 0
        when count_if(is_current) = 0 and record_key in (select record_key from {{ source('lake', 'vanished') }}) then 0
        else 1
    end
{%- endtest -%}

{#- The column lies within the bounds, both included; null is allowed. -#}
{%- test between(model, column_name, minimum, maximum) %}
select *
from {{ model }}
where {{ column_name }} < {{ minimum }} or {{ column_name }} > {{ maximum }}
{%- endtest -%}

{#-
    No row lacks any of the columns: one scan, where a test per column would read a wide view as often as it has columns.
    `after` is the model that tells which rows of a view have changed: until it has run only all of them could be read.
-#}
{%- test complete(model, columns, after=none) %}
select {{ columns | join(', ') }}
from {{ model }}
where {{ columns | join(' is null or ') }} is null
{%- endtest -%}
