{#- The views that hold what counts in the metrics, one per topic. A new one is registered here. -#}
{%- macro measure_views() -%}
    {{ return([
        'fct_measure_unit', 'fct_measure_cost', 'fct_measure_recovery', 'fct_measure_mass', 'fct_measure_carbon',
        'fct_measure_option', 'fct_measure_flow', 'fct_measure_return', 'fct_measure_parcel', 'fct_measure_labour',
        'fct_measure_work', 'fct_measure_customer',
    ]) }}
{%- endmacro -%}

{#- The measures whose median is asked for, which no sum gives: the numerators of the metrics of kind DURATION. -#}
{%- macro duration_measures() -%}
    {{ return([
        'CARRIER_CLAIM_CYCLE_DAYS', 'CASH_DAYS', 'CUSTOMER_DWELL_DAYS', 'DECISION_DAYS', 'DOCK_DWELL_DAYS',
        'DOCK_TO_STOCK_DAYS', 'EXECUTION_DAYS', 'INSPECTION_DAYS', 'REFUND_DAYS_FROM_RECEIPT',
        'REFUND_DAYS_FROM_REQUEST', 'REFUND_DAYS_FROM_SCAN', 'RETURN_CYCLE_DAYS', 'SELL_THROUGH_DAYS',
        'TRANSIT_DAYS'
    ]) }}
{%- endmacro -%}

{#- The views that hold those measures. -#}
{%- macro duration_views() -%}
    {{ return(['fct_measure_flow', 'fct_measure_work']) }}
{%- endmacro -%}

{#- What a metric can be sliced by: the dimension's name in fct_kpi, and the column of a measure that holds its member. -#}
{%- macro slice_dimensions() -%}
    {{ return({
        'CHANNEL': 'channel', 'PRODUCT_CATEGORY': 'product_category', 'NODE': 'node_id', 'CARRIER': 'carrier',
        'RETURN_TYPE': 'return_type', 'COMPONENT': 'component',
    }) }}
{%- endmacro -%}

{#- The columns by which a measure can be sliced, from a relation that has those of a unit. -#}
{%- macro slice_columns(relation) -%}
    {{ relation }}.channel,
    {{ relation }}.product_category,
    {{ relation }}.node_id,
    {{ relation }}.carrier,
    {{ relation }}.return_type
{%- endmacro -%}

{#-
    One branch of a measure view: the rows of a relation that count in a measure, each with its amount.
    `rows` is the alias of a relation with the slice and lineage columns; `dated_by` the column that puts it in a day.
-#}
{%- macro measure(code, rows, dated_by, amount='1', component='cast(null as string)', where=none, source_path='cast(null as string)', unit_key=none) -%}
    select
        '{{ code }}' as measure_code,
        cast({{ rows }}.{{ dated_by }} as date) as measured_on,
        {{ unit_key or rows ~ '.unit_key' }} as unit_key,
        {{ component }} as component,
        {{ slice_columns(rows) }},
        cast({{ amount }} as decimal(18, 8)) as amount,
        {{ rows }}.source_table,
        {{ lineage_columns(rows) }},
        {{ source_path }} as source_path
    from {{ rows }}
    where {{ rows }}.{{ dated_by }} is not null{% if where %} and {{ where }}{% endif %}
{%- endmacro -%}

{#- What the rows of a measure view are summed by: the view, the measure, the month, the component and every slice. -#}
{%- macro measure_cell(view) -%}
    {%- set month = "cast(date_trunc('month', measured_on) as date)" -%}
    {{ surrogate_key([
        "'" ~ view ~ "'", 'measure_code', 'cast(' ~ month ~ ' as string)', "coalesce(component, '')", "coalesce(channel, '')",
        "coalesce(product_category, '')", "coalesce(node_id, '')", "coalesce(carrier, '')", "coalesce(return_type, '')",
    ]) }} as measure_cell_key,
    '{{ view }}' as measure_view,
    measure_code,
    {{ month }} as period_month,
    component,
    channel,
    product_category,
    node_id,
    carrier,
    return_type
{%- endmacro -%}
