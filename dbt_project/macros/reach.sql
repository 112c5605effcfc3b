{#- How a change is followed from table to table (`by` and `near` of a touched table): written once, used by many. -#}

{#- The documents of one table: what stands of the others, most of it costs, is not read. -#}
{%- macro documents_of(source_table) -%}
    (select * from intermediate.int_units__record where source_table = '{{ source_table }}')
{%- endmacro -%}

{#- Units that changed documents speak of. -#}
{%- macro units_of_documents(source_table) -%}
    select unit_key from {{ documents_of(source_table) }} where record_key in (select record_key from {changes})
{%- endmacro -%}

{#- Units whose documents of a table they gained or lost. -#}
{%- macro units_of_links(source_table) -%}
    select unit_key from {changes} where source_table = '{{ source_table }}'
{%- endmacro -%}

{%- macro documents_of_units(source_table) -%}
    record_key in (select record_key from {{ documents_of(source_table) }} where unit_key in {keys})
{%- endmacro -%}

{#- Units that changed return records speak of. -#}
{%- macro units_of_returns() -%}
    select unit_key from intermediate.int_units__identity where evidence in (select unit_evidence from {changes})
{%- endmacro -%}

{%- macro returns_of_units() -%}
    unit_evidence in (select evidence from intermediate.int_units__identity where unit_key in {keys})
{%- endmacro -%}

{#- All documents of the units that changed documents of a table speak of: what numbers them within their unit. -#}
{%- macro documents_beside(source_table) -%}
    select record_key from {changes}
    union
    select beside.record_key
    from {{ documents_of(source_table) }} as one
    inner join {{ documents_of(source_table) }} as beside on beside.unit_key = one.unit_key
    where one.record_key in (select record_key from {changes})
{%- endmacro -%}

{#- Which documents the keys need where they are numbered within their unit. -#}
{%- macro documents_and_beside(source_table) -%}
    record_key in {keys}
    or record_key in (
        select beside.record_key
        from {{ documents_of(source_table) }} as one
        inner join {{ documents_of(source_table) }} as beside on beside.unit_key = one.unit_key
        where one.record_key in {keys}
    )
{%- endmacro -%}

{#- All documents of the units that gained or lost documents of a table. -#}
{%- macro documents_of_links(source_table) -%}
    select record_key from {changes} where source_table = '{{ source_table }}'
    union
    select record_key
    from {{ documents_of(source_table) }}
    where unit_key in (select unit_key from {changes} where source_table = '{{ source_table }}')
{%- endmacro -%}

{#- Rows of the table being built whose rate, of the day given, has changed. -#}
{%- macro rows_of_rates(relation, key, day) -%}
    select {{ key }} from {{ relation }} where cast({{ day }} as date) in (select rate_date from {changes})
{%- endmacro -%}

{#- Carriers' charges of parcels, or of units' parcels, that changed. -#}
{%- macro charges_of_parcels() -%}
    select record_key
    from staging.stg_backhaul__carrier_charges
    where tracking_number in (select tracking_number from {changes})
{%- endmacro -%}

{%- macro parcels_of_charges() -%}
    tracking_number in (select tracking_number from staging.stg_backhaul__carrier_charges where record_key in {keys})
{%- endmacro -%}

{#- Refunds that name one of the orders, or a unit that was sold on one of them. -#}
{%- macro refunds_of_orders(orders) -%}
    select refund_key from core.fct_refund where order_id in ({{ orders }})
    union
    select refund_key
    from core.fct_refund
    where unit_key in (select unit_key from core.fct_return_unit where order_id in ({{ orders }}))
{%- endmacro -%}

{#- Orders that refunds name, or on which their units were sold. -#}
{%- macro orders_of_refunds(refunds) -%}
    select order_id from {{ refunds }}
    union all
    select order_id from core.fct_return_unit where unit_key in (select unit_key from {{ refunds }})
{%- endmacro -%}

{#- Months of the rows that changed, by the column that dates them. -#}
{%- macro months_of(clock) -%}
    select cast(date_trunc('month', {{ clock }}) as date) from {changes}
{%- endmacro -%}

{#-
    The rows that fall in the months to recompute. What lies before the first or after the last of them need not be read,
    or joined in a view: the engine sees that from dates, not from a set of months.
-#}
{%- macro in_months(clock) -%}
    {{ clock }} >= date '{first_key}' and {{ clock }} < date '{last_key}' + interval 1 month
    and cast(date_trunc('month', {{ clock }}) as date) in {keys}
{%- endmacro -%}

{#- Months in which the units of mass lines that changed were closed. -#}
{%- macro months_of_mass_lines() -%}
    select disposition_month from core.fct_unit_mass where unit_mass_key in (select unit_mass_key from {changes})
{%- endmacro -%}

{#- Months in which the units of rows that changed were received. -#}
{%- macro months_of_units() -%}
    select received_month from core.fct_return_unit where unit_key in (select unit_key from {changes})
{%- endmacro -%}
