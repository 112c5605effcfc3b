"""The shop's commerce in the native contract, quarter by quarter; what changes later is exported again."""

from __future__ import annotations

from simulator.render.files import EXPORT, LABEL, NAMES_UNIT, ZONE, Entity

# a line is exported when it is ordered, and again when it left or arrived
SALES = f"""
    with told as (
        select * replace (case when shipped_at < timestamp '2026-10-01' then shipped_at end as shipped_at,
                          case when delivered_at < timestamp '2026-10-01' then delivered_at end as delivered_at)
        from sales
    ), versions as (
        select *, ordered_at as changed_at from told
        union all
        select *, shipped_at from told where export_of(shipped_at) > export_of(ordered_at)
        union all
        select *, delivered_at from told where export_of(delivered_at) > export_of(greatest(shipped_at, ordered_at))
    )
    select export_of(changed_at) as {EXPORT}, order_id, order_line, iso_local(ordered_at, {ZONE}) as ordered_at,
           case when export_of(shipped_at) <= export_of(changed_at) then iso_z(shipped_at) end as shipped_at,
           case when export_of(delivered_at) <= export_of(changed_at) then iso_z(delivered_at) end as delivered_at,
           p.sku, quantity::varchar as quantity, cents(net) as net_amount, cents(tax) as tax_amount,
           cents(shipping) as shipping_amount, currency, unit_landed::varchar as unit_landed_cost, channel,
           ship_to_country, customer_ref, iso_z(changed_at) as updated_at,
           case when export_of(greatest(v.ordered_at, v.shipped_at, v.delivered_at)) > export_of(changed_at)
                then 'restated_row' end as {LABEL}
    from versions v join products p on p.row = v.product order by changed_at, order_id, order_line
"""
# a line is exported when it is authorised, and again when the goods are in or were refused
RETURNS = f"""
    with price as (
        select order_id, product, min(net / quantity) as price, any_value(currency) as currency from sales group by all
    ), ends as (
        select l.*, c.* exclude (row), coalesce(c.received_at, c.refused_at) as ended_at
        from lines l join parcels c on c.row = l.parcel
    ), versions as (
        select *, ended_at is not null as is_ended, coalesce(ended_at, authorised_at) as changed_at from ends
        union all
        select *, false, authorised_at from ends where export_of(ended_at) > export_of(authorised_at)
    )
    select export_of(changed_at) as {EXPORT}, rma_id, rma_line, v.quantity::varchar as quantity,
           case when is_ended and v.received_quantity >= 0 then v.received_quantity::varchar end as received_quantity,
           p.sku, case when is_ended then o.sku end as received_sku,
           case when v.row % 3 > 0 then 'GOODS' end as line_class, return_type, reason_code, v.order_id, order_line,
           case when is_ended then lpn end as lpn, serial_number, lot_number,
           expires_at::varchar as expiry_date, tracking_number,
           iso_local(requested_at, {ZONE}) as requested_at, iso_local(authorised_at, {ZONE}) as authorised_at,
           case when is_ended then iso_local(received_at, {ZONE}) end as received_at,
           case when is_ended then iso_local(refused_at, {ZONE}) end as refused_at,
           case when is_ended then node_id end as node_id,
           'WEBSHOP' as channel, cents(round(price.price * v.quantity, 2)) as net_amount, price.currency,
           case when is_ended then duty_treatment end as duty_treatment, contract_id,
           contract_ends_at::varchar as contract_end_date, customer_ref, iso_z(changed_at) as updated_at,
           case when v.row % 41 = 0 then 'Boîte abîmée, à vérifier' end as note,
           case when not is_ended and ended_at is not null then 'restated_row'
                when defect is not null then defect
                when is_ended and v.received_quantity > v.quantity then 'over_receipt'
                when is_ended and v.received_product >= 0 then 'swapped_unit' end as {LABEL}
    from versions v join products p on p.row = v.product left join products o on o.row = v.received_product
    left join price on price.order_id = v.order_id and price.product = v.product
    order by changed_at, rma_id, rma_line
"""
REFUNDS = f"""
    select export_of(refunded_at) as {EXPORT}, numbered('RFD-', r.row) as refund_id, {NAMES_UNIT},
           u.order_id, u.order_line, cents(refund) as refund_amount, cents(fee) as fee_amount,
           cents(r.tax) as tax_amount, r.currency,
           iso_local(refunded_at, {ZONE}) as refunded_at, method, exception_code, r.customer_ref,
           iso_z(r.refunded_at) as updated_at, r.defect as {LABEL}
    from refunds r left join evidence e on e.unit = r.unit and r.names_unit join units u on u.row = r.unit
    order by r.row
"""
FEEDBACK = f"""
    select export_of(answered_at) as {EXPORT}, numbered('ANS-', f.row) as answer_id, u.order_id, u.rma_id,
           f.customer_ref, iso_utc(answered_at) as answered_at, survey, score::varchar as score,
           iso_z(f.answered_at) as updated_at, null::varchar as {LABEL}
    from feedback f join units u on u.row = f.unit order by f.row
"""
PRODUCTS = f"""
    select export_of(i.updated_at) as {EXPORT}, p.sku, i.effective_from::date::varchar as effective_from,
           p.name_en, p.name_fr, p.category, p.style_id,
           p.brand, 'V-' || printf('%03d', p.vendor) as vendor_id, i.unit_cost::varchar as unit_cost, i.currency,
           i.list_price::varchar as list_price, i.weight_kg::varchar as weight_kg, p.hs_code, p.regulation_class,
           case when not p.is_resale_allowed then 'false' end as is_resale_allowed, iso_z(i.updated_at) as updated_at,
           case when i.weight_kg is null then 'missing_weight' when i.unit_cost is null then 'missing_cost'
           end as {LABEL}
    from items i join products p on p.row = i.product where not p.in_wms order by p.sku, i.effective_from
"""
VENDOR_TERMS = f"""
    select export_of('2026-01-05T15:00:00Z') as {EXPORT}, 'V-' || printf('%03d', vendor) as vendor_id,
           effective_from::date::varchar as effective_from,
           'Fournisseur n° ' || vendor as name, return_window_days::varchar as return_window_days,
           credit_share::decimal(5, 4)::varchar as credit_share, nullif(reason_families, '') as reason_families,
           '2026-01-05T15:00:00Z' as updated_at, null::varchar as {LABEL}
    from vendor_terms order by vendor, effective_from
"""
NODES = f"""
    select export_of(effective_from) as {EXPORT}, node_id, effective_from::date::varchar as effective_from, name,
           node_type, country, timezone, capacity_count::varchar as capacity_count,
           strftime(effective_from::timestamp, '%Y-%m-%dT13:00:00Z') as updated_at, null::varchar as {LABEL}
    from nodes order by node_id, effective_from
"""
POLICIES = f"""
    select export_of(effective_from) as {EXPORT}, policy_id, effective_from::date::varchar as effective_from, name,
           'WEBSHOP' as channel, category, return_days::varchar as return_days, refund_days::varchar as refund_days,
           cents(fee) as fee_amount, cents(keep_it_limit) as keep_it_limit_amount, 'CAD' as currency,
           strftime(effective_from::timestamp, '%Y-%m-%dT13:00:00Z') as updated_at, null::varchar as {LABEL}
    from policies order by policy_id, effective_from
"""
FX_RATES = f"""
    select export_of(day) as {EXPORT}, day::date::varchar as rate_date, currency as from_currency, 'CAD' as to_currency,
           rate::decimal(18, 6)::varchar as rate, strftime(day::timestamp, '%Y-%m-%dT21:30:00Z') as updated_at,
           null::varchar as {LABEL}
    from fx order by currency, day
"""
ENTITIES = [
    Entity("sales_lines", SALES, "csv"),
    Entity("returns", RETURNS, "csv"),
    Entity("refunds", REFUNDS, "csv"),
    Entity("feedback", FEEDBACK, "csv", is_periodic=False),
    Entity("products", PRODUCTS, "csv", is_periodic=False),
    Entity("vendor_terms", VENDOR_TERMS, "csv", is_periodic=False),
    Entity("nodes", NODES, "csv", is_periodic=False),
    Entity("return_policies", POLICIES, "csv", is_periodic=False),
    Entity("fx_rates", FX_RATES, "csv", is_periodic=False),
]
