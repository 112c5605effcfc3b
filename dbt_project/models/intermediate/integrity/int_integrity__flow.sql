-- Units and lines whose story does not hold together: steps in the wrong order, one article in two returns at once, and
-- more units than were announced or sold. Records are kept and counted as told; these are the ones to look at.
{{ config(materialized='touched', meta={'touched': {
    'key': 'subject_key',
    'by': {
        'fct_return_unit': "
            select unit_key from {changes}
            union
            select sales_line_key from {changes}
            union
            select unit_key
            from core.fct_return_unit
            where prior_return_unit_key in (select unit_key from {changes})
        ",
        'fct_return_event': "select unit_key from {changes}",
        'int_units__return_record': units_of_returns(),
        'int_units__identity': "select unit_key from {changes}",
        'fct_return_line': "select return_line_key from {changes}",
        'fct_sales_line': "select sales_line_key from {changes}",
    },
}}) }}
{%- set clocks = {
    'SHIPPED': 'shipped_at',
    'REQUESTED': "case when return_type <> 'BLIND' then requested_at end",
    'AUTHORISED': "case when return_type <> 'BLIND' then authorised_at end",
    'FIRST_SCAN': 'first_scan_at',
    'DELIVERED': 'delivered_at', 'RECEIVED': 'received_at', 'INSPECTED': 'inspected_at',
    'DISPOSITION_DECIDED': 'disposition_decided_at', 'DISPOSITION_EXECUTED': 'disposition_executed_at',
} %}
with unit as (
    select * from
        {{ near(
            ref('fct_return_unit'),
            [
                'unit_key in {keys}',
                'sales_line_key in {keys}',
                'unit_key in (select prior_return_unit_key from core.fct_return_unit where unit_key in {keys})',
            ]
        ) }}
),

-- the first step that comes before one of those it should follow; what came without being asked for may be authorised
-- afterwards. A day's tolerance: some sources tell local times, some only days.
too_early as (
    select *
    from (
        select
            unit.*,
            case
                {% for event_type, clock in (clocks.items() | list)[1:] -%}
                when {{ clock }} < greatest({{ (clocks.values() | list)[:loop.index] | join(', ') }}) - interval 24 hour
                    then '{{ event_type }}'
                {% endfor -%}
            end as event_type
        from unit
    ) as judged
    where event_type is not null
),

after_closing as (
    select
        event.unit_key,
        event.event_type,
        event.source_table,
        {{ lineage_columns('event') }}
    from {{ near(ref('fct_return_event'), 'unit_key in {keys}') }} as event
    inner join unit on unit.unit_key = event.unit_key and unit.unit_status = 'CLOSED'
    where
        event.event_type in ('FIRST_SCAN', 'DELIVERED', 'RECEIVED', 'INSPECTED', 'DISPOSITION_DECIDED')
        and event.event_at > unit.disposition_executed_at + interval 24 hour
        -- the clocks of the unit are judged above
        and event.unit_key not in (select too_early.unit_key from too_early)
),

authorisations as (
    select
        identity.unit_key,
        count(distinct record.rma_id) as rma_count
    from {{ near(ref('int_units__return_record'), returns_of_units()) }} as record
    inner join {{ near(ref('int_units__identity'), 'unit_key in {keys}') }} as identity
        on identity.evidence = record.unit_evidence
    where coalesce(record.serial_number, record.lpn) is not null
    group by identity.unit_key
),

sold as (
    select
        unit.sales_line_key,
        sum(case when unit.received_at is not null and unit.prior_return_unit_key is null then 1 else 0 end)
            as returned_count,
        max(unit.unit_key) as last_unit_key
    from unit
    where unit.sales_line_key is not null
    group by unit.sales_line_key
),

findings as (
    select
        'events_out_of_order' as rule_id,
        event_type as detail,
        unit_key as subject_key,
        unit_key,
        source_table,
        source_id,
        file_sha256,
        source_row
    from too_early
    union all
    select
        'events_out_of_order' as rule_id,
        event_type || ' after closing' as detail,
        unit_key as subject_key,
        unit_key,
        source_table,
        source_id,
        file_sha256,
        source_row
    from after_closing
    union all
    select
        'several_open_returns_of_a_serial' as rule_id,
        coalesce(unit.serial_number, unit.lpn) as detail,
        unit.unit_key as subject_key,
        unit.unit_key,
        unit.source_table,
        {{ lineage_columns('unit') }}
    from unit
    left join authorisations on authorisations.unit_key = unit.unit_key
    left join unit as earlier on earlier.unit_key = unit.prior_return_unit_key
    left join {{ ref('dim_unit_status') }} as earlier_status on earlier_status.unit_status = earlier.unit_status
    where authorisations.rma_count > 1 or earlier_status.is_open
    union all
    select
        'over_receipt' as rule_id,
        line.rma_id || '#' || coalesce(line.rma_line, '') as detail,
        line.return_line_key as subject_key,
        cast(null as {{ key_type() }}) as unit_key,
        line.source_table,
        {{ lineage_columns('line') }}
    from {{ near(ref('fct_return_line'), 'return_line_key in {keys}') }} as line
    where line.line_class = 'GOODS' and line.received_quantity > line.quantity
    union all
    select
        'more_returned_than_sold' as rule_id,
        sale.order_id || '#' || coalesce(sale.order_line, '') as detail,
        sale.sales_line_key as subject_key,
        sold.last_unit_key as unit_key,
        'backhaul__sales_lines' as source_table,
        {{ lineage_columns('sale') }}
    from sold
    inner join {{ near(ref('fct_sales_line'), 'sales_line_key in {keys}') }} as sale
        on sale.sales_line_key = sold.sales_line_key
    where sold.returned_count > sale.quantity
)

select
    rule_id,
    subject_key,
    detail,
    unit_key,
    source_table,
    source_id,
    file_sha256,
    source_row
from findings
