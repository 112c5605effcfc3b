{#-
    The measures of an incremental run are what they were, less what the changed facts counted before, plus what they
    count now. A measure view is asked twice for that, over two small copies of the facts: the changed rows with all that
    is counted together with them (the units, orders, authorisations and parcels they belong to), as it was and as it is.
    Whatever did not change stands in both and cancels out.
-#}

{#- The facts behind the measure views: which of their rows are counted together with changed ones (`{changes}`). -#}
{%- macro measured_facts() -%}
    {%- set of_unit = 'unit_key in (select unit_key from touched.measured_unit)' -%}
    {%- set of_parcel = 'tracking_number in (select tracking_number from touched.measured_parcel)' -%}
    {%- set of_customer = 'customer_key in (select customer_key from touched.measured_customer)' -%}
    {%- set of_record = 'record_key in (select record_key from {changes})' -%}
    {%- set of_product = 'sku in (select sku from touched.dim_product)' -%}
    {{ return({
        'fct_return_unit': [of_unit],
        'fct_cost': [of_unit, of_parcel, of_record],
        'fct_recovery': [of_unit, of_record],
        'fct_refund': [of_unit, of_customer, of_record],
        'fct_refund_leak': [of_unit, 'refund_key in (select refund_key from touched.fct_refund_leak)'],
        'fct_customer_feedback': ['feedback_key in (select feedback_key from touched.fct_customer_feedback)'],
        'fct_inspection': [of_unit],
        'fct_disposition': [of_unit],
        'fct_waste_movement': [of_unit],
        'fct_unit_mass': [of_unit],
        'fct_unit_carbon': [of_unit],
        'fct_unit_regret': [of_unit],
        'fct_return_shipment': [of_parcel],
        'fct_carrier_charge': [of_parcel],
        'fct_charge_finding': [of_parcel],
        'fct_work_order': [of_unit],
        'fct_claim': [of_unit, of_parcel, 'claim_key in (select claim_key from touched.fct_claim)'],
        'fct_labour': ['labour_key in (select labour_key from touched.fct_labour)'],
        'fct_sales_line': ['order_id in (select order_id from touched.measured_order)', of_customer],
        'fct_return_line': [of_record, of_product],
        'dim_product': ['true'],
        'dim_as_of': ['true'],
    }) }}
{%- endmacro -%}

{#- Whether the measures can be carried on with in this run. -#}
{%- macro is_measured_by_change() -%}
    {%- if not is_touched() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- for fact in measured_facts() -%}
        {%- if not is_journaled(fact) -%}
            {{ return(false) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(true) }}
{%- endmacro -%}

{#- Writes what came and went in the views, and which cells that reaches. -#}
{%- macro measure_changes() -%}
    {%- do run_query(measured_closure()) -%}
    {%- for fact, conditions in measured_facts().items() -%}
        {%- do run_query(measured_copies(fact, conditions)) -%}
    {%- endfor -%}
    {%- for view in measure_views() -%}
        {%- do run_query(measured_rows(view)) -%}
        {%- do note_in_journal(view, 'changed') -%}
    {%- endfor -%}
    {%- set keys -%}
        create table touched.{{ this.name }}__key as
        select measure_cell_key as key_value from ({{ measured_changes() }}) as changes
    {%- endset -%}
    {%- do run_query(keys) -%}
    {%- do graph['journal'].update({'keys': {this.name: true}}) -%}
{%- endmacro -%}

{#- What the views count now and, with the opposite sign, what they counted before. -#}
{%- macro measured_changes() -%}
    {%- for view in measure_views() -%}
        select
            {{ measure_cell(view) }},
            sum(amount * count_change) as amount,
            sum(count_change) as row_count
        from touched.{{ view }}
        group by all
        {{ 'union all ' if not loop.last }}
    {%- endfor %}
{%- endmacro -%}

{#- A query on the facts over their copies as they are (`now`) or were (`before`). -#}
{%- macro measured_side(query, side) -%}
    {%- set facts = '"?core"?\\."?(' ~ measured_facts() | join('|') ~ ')"?(?!\\w)' -%}
    {{ return(modules.re.sub(facts, 'touched.\\1__' ~ side, query)) }}
{%- endmacro -%}

{#- The rows of a view that came or went, as its journal. -#}
{%- macro measured_rows(view) -%}
    {%- set sql = run_query("select sql from duckdb_views() where schema_name = 'core' and view_name = '" ~ view ~ "'").rows[0][0] -%}
    {%- set query = modules.re.sub(';\\s*$', '', sql.partition(' AS ')[2]) -%}
    create table touched.{{ view }} as
    select
        * exclude (count_change),
        sum(count_change) as count_change,
        sum(count_change) > 0 as is_new
    from (
        select *, 1 as count_change
        from ({{ measured_side(query, 'now') }}) as now
        union all
        select *, -1 as count_change
        from ({{ measured_side(query, 'before') }}) as before
    ) as counted
    group by all
    having sum(count_change) <> 0
{%- endmacro -%}

{%- macro measured_closure() -%}
    create table touched.measured_order as
    select order_id from touched.fct_sales_line
    union
    select order_id
    from core.fct_sales_line
    where sales_line_key in (select sales_line_key from touched.fct_return_unit)
    union
    select order_id from core.fct_sales_line where sku in (select sku from touched.dim_product);

    create table touched.measured_customer as
    select customer_key from touched.fct_refund
    union
    select customer_key from touched.fct_sales_line
    union
    select customer_key from core.fct_refund where unit_key in (select unit_key from touched.fct_return_unit);

    create table touched.measured_parcel as
    {% for fact in [
        'fct_return_shipment', 'fct_carrier_charge', 'fct_charge_finding', 'fct_cost', 'fct_return_unit', 'fct_claim',
    ] -%}
    select tracking_number from touched.{{ fact }}
    {{ 'union' if not loop.last }}
    {% endfor -%};

    create table touched.measured_unit as
    {% for fact in [
        'fct_return_unit', 'fct_cost', 'fct_recovery', 'fct_refund', 'fct_inspection', 'fct_disposition',
        'fct_waste_movement', 'fct_unit_mass', 'fct_unit_carbon', 'fct_work_order', 'fct_claim',
        'fct_refund_leak', 'fct_unit_regret',
    ] -%}
    select unit_key from touched.{{ fact }}
    union
    {% endfor -%}
    select unit_key from core.fct_refund where customer_key in (select customer_key from touched.measured_customer)
    union
    select unit_key from core.fct_claim where tracking_number in (select tracking_number from touched.measured_parcel)
    union
    select unit_key
    from core.fct_return_unit
    where tracking_number in (select tracking_number from touched.measured_parcel)
    union
    select unit_key from core.fct_return_unit where rma_id in (select rma_id from touched.fct_return_unit)
    union
    select unit_key
    from core.fct_return_unit
    where
        sales_line_key in (
            select sales_line_key
            from core.fct_sales_line
            where order_id in (select order_id from touched.measured_order)
        )
    -- deadlines that the as-of date has passed
    {% for clock, days in [('authorised_at', 28), ('received_at', 45)] -%}
    union
    select unit_key
    from core.fct_return_unit
    where
        {{ clock }} >= (select min(as_of) - interval {{ days }} day from touched.dim_as_of)
        and {{ clock }} <= (select max(as_of) - interval {{ days }} day from touched.dim_as_of)
    {% endfor -%};

    insert into touched.measured_parcel
    {% for fact in ['fct_return_unit', 'fct_claim'] -%}
    select tracking_number from core.{{ fact }} where unit_key in (select unit_key from touched.measured_unit)
    {{ 'union' if not loop.last }}
    {% endfor %}
{%- endmacro -%}

{%- macro measured_copies(fact, conditions) -%}
    {%- set key = graph.nodes['model.backhaul.' ~ fact].config.meta.touched.key -%}
    {%- set counted = [] -%}
    {%- for condition in conditions -%}
        {%- do counted.append(condition | replace('{changes}', 'touched.' ~ fact)) -%}
    {%- endfor -%}
    create table touched.{{ fact }}__now as
    from {{ picked(api.Relation.create(schema='core', identifier=fact), counted) }};

    create table touched.{{ fact }}__before as
    select *
    from touched.{{ fact }}__now
    where {{ key }} not in (select {{ key }} from touched.{{ fact }})
    union all by name
    select * exclude (is_new)
    from touched.{{ fact }}
    where not is_new and ({{ counted | join(' or ') }})
{%- endmacro -%}
