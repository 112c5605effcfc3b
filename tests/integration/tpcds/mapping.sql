-- TPC-DS in the native contract, one channel at a time: `channel` and `prefix` are set by generate.py, and the views
-- `returned` and `sold` give the three channels the same names. A return joins to its sale by order and item, and is
-- its own parcel, so that its costs are shared over its units.
create or replace view returns as
select
    prefix || '-' || order_number as rma_id,
    item::varchar as rma_line,
    -- a return of unknown quantity carries money and no goods that could be counted
    coalesce(quantity, 1) as quantity,
    case when quantity is null then 'FEE' else 'GOODS' end as line_class,
    item::varchar as sku,
    'CUSTOMER_RETURN' as return_type,
    case r_reason_desc when 'Package was damaged' then 'DAMAGED_PACK' else r_reason_desc end as reason_code,
    prefix || '-' || order_number as order_id,
    item::varchar as order_line,
    prefix || '-' || order_number || '-' || item as tracking_number,
    d_date::timestamp as received_at,
    channel,
    amount as net_amount,
    'USD' as currency,
    customer::varchar as customer_ref
from returned
left join reason on r_reason_sk = reason
left join date_dim on d_date_sk = returned_date;

create or replace view sales_lines as
select
    prefix || '-' || order_number as order_id,
    item::varchar as order_line,
    d_date::timestamp as ordered_at,
    d_date::timestamp as shipped_at,
    item::varchar as sku,
    quantity,
    net_paid as net_amount,
    tax as tax_amount,
    'USD' as currency,
    wholesale_cost as unit_landed_cost,
    channel,
    customer::varchar as customer_ref
from sold
left join date_dim on d_date_sk = sold_date;

-- the day of a document that has none is the first of the data
create or replace view dated as
select
    returned.*,
    prefix || '-' || order_number || '-' || item as id,
    coalesce(d_date, date '1998-01-01')::timestamp as told_at
from returned
left join date_dim on d_date_sk = returned_date;

create or replace view refunds as
select id || '-' || method as refund_id, * exclude (id, method), upper(method) as method
from (
    unpivot (
        select id, prefix || '-' || order_number as rma_id, item::varchar as rma_line,
               prefix || '-' || order_number as order_id, item::varchar as order_line, told_at as refunded_at,
               'USD' as currency, refunded_cash as cash, reversed_charge as card, credit
        from dated
    )
    on cash, card, credit into name method value refund_amount
);

-- the loss is told by its parts where all of them are known, else in one sum
create or replace view costs as
select id || '-' || part as cost_id, id as document_id, id as tracking_number, category_code, amount, 'USD' as currency,
       told_at as posted_at
from (
    select id, told_at, unnest([
        {'part': 'fee', 'category_code': 'PAY', 'amount': fee},
        {'part': 'freight', 'category_code': 'FRT_RTN', 'amount': ship_cost},
        {'part': 'tax', 'category_code': 'RFD_UNREC', 'amount': tax}
    ], recursive := true)
    from dated
    where net_loss is not null and fee is not null and ship_cost is not null and tax is not null
    union all
    select id, told_at, 'loss', 'OVH', net_loss
    from dated
    where net_loss is not null and (fee is null or ship_cost is null or tax is null)
);

create or replace view products as
select
    i_item_sk::varchar as sku,
    coalesce(i_rec_start_date, date '1997-01-01') as effective_from,
    i_item_desc as name_en,
    upper(i_category) as category,
    i_brand as brand,
    i_wholesale_cost as unit_cost,
    i_current_price as list_price,
    'USD' as currency
from item;

-- what the test compares with, straight from the benchmark's table
create or replace view expected as
select
    id,
    quantity,
    amount,
    net_loss,
    fee + ship_cost + tax as loss_of_parts,
    refunded_cash + reversed_charge + credit as refund_of_parts
from dated;
