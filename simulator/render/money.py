"""What the books and the carriers tell, in the native contract: costs, recoveries, claims, parcels, invoices."""

from __future__ import annotations

from simulator.render.files import EXPORT, LABEL, NAMES_UNIT, ZONE, Entity

# a line in another currency is exported when it is booked, and again when it is paid
COSTS = f"""
    with versions as (
        select *, coalesce(paid_at, posted_at) as changed_at, paid_at as known_paid_at from costs
        union all
        select *, posted_at, null from costs where export_of(paid_at) > export_of(posted_at)
    )
    select export_of(changed_at) as {EXPORT}, numbered('CST-', c.row) as cost_id,
           'INV-' || strftime(posted_at::timestamp, '%Y%m%d') as document_id,
           e.lpn, null::varchar as serial_number, e.rma_id, e.rma_line, e.unit_ordinal,
           case when not is_pool then coalesce(c.object_id, k.tracking_number) end as tracking_number, l.lot_id,
           case when is_pool then c.object_id end as node_id, category_name(category) as category_code,
           amount, c.currency, posted_at::timestamp as posted_at, known_paid_at::timestamp as paid_at,
           case when category_name(category) in ('FRT_ADJ', 'DUTY_IN') then false end as is_planned,
           changed_at::timestamp as updated_at,
           case when known_paid_at is null and paid_at is not null then 'restated_row'
                when category_name(category) <> 'FRT_ADJ' then null when c.parcel < 0 then 'orphan_parcel_cost'
                when amount < 0 then 'carrier_credit_note' else 'late_carrier_adjustment' end as {LABEL}
    from versions c left join evidence e on e.unit = c.unit left join parcels k on k.row = c.parcel
    left join lots l on l.row = c.lot
    order by changed_at, c.row
"""
RECOVERIES = f"""
    with versions as (
        select *, coalesce(paid_at, recovered_at) as changed_at, paid_at as known_paid_at from recoveries
        union all
        select *, recovered_at, null from recoveries where export_of(paid_at) > export_of(recovered_at)
    )
    select export_of(changed_at) as {EXPORT}, numbered('REC-', r.row) as recovery_id,
           'SET-' || strftime(recovered_at::timestamp, '%Y%m%d') as document_id, {NAMES_UNIT}, l.lot_id,
           k.tracking_number, category_name(category) as category_code, cents(gross) as gross_amount, r.currency,
           iso_utc(recovered_at) as recovered_at, iso_utc(known_paid_at) as paid_at, resale_channel,
           iso_z(changed_at) as updated_at,
           case when known_paid_at is null and paid_at is not null then 'restated_row' else defect end as {LABEL}
    from versions r left join evidence e on e.unit = r.unit left join parcels k on k.row = r.parcel
    left join lots l on l.row = r.lot
    order by changed_at, r.row
"""
# a claim is exported when it is filed and again when it is answered; one never filed when its time is over
CLAIMS = f"""
    with versions as (
        select *, coalesce(settled_at, filed_at, eligible_until::timestamp + interval 30 hour) as changed_at,
               settled_at as known_settled_at from claims
        union all
        select *, filed_at, null from claims where export_of(settled_at) > export_of(filed_at)
    )
    select export_of(changed_at) as {EXPORT}, to_json(struct_pack(
               claim_id := numbered('CLM-', c.row), lpn := e.lpn, rma_id := e.rma_id, rma_line := e.rma_line,
               unit_ordinal := e.unit_ordinal, tracking_number := k.tracking_number, claim_kind := claim_kind,
               counterparty_id := counterparty_id, eligible_until := eligible_until::date::varchar,
               filed_at := iso_z(filed_at), settled_at := iso_z(known_settled_at),
               outcome := case when filed_at is null then null when known_settled_at is null then 'PENDING'
                               else outcome end,
               claimed_amount := cents(claimed),
               paid_amount := case when known_settled_at is not null then cents(paid) end,
               currency := 'CAD', updated_at := iso_z(changed_at)))::varchar as document,
           case when known_settled_at is null and settled_at is not null then 'restated_row' else defect end as {LABEL}
    from versions c left join evidence e on e.unit = c.unit left join parcels k on k.row = c.parcel
    order by changed_at, c.row
"""
# a parcel is exported with its label and again with what its carrier scanned
SHIPMENTS = f"""
    with scanned as (
        select *, coalesce(delivered_at, first_scan_at) as scanned_at from parcels
        where on_account and tracking_number is not null
    ), versions as (
        select *, scanned_at is not null as is_scanned, coalesce(scanned_at, label_at) as changed_at from scanned
        union all
        select *, false, label_at from scanned where export_of(scanned_at) > export_of(label_at)
    )
    select export_of(changed_at) as {EXPORT}, carrier, tracking_number, 'GROUND' as service,
           iso_local(label_at, {ZONE}) as label_created_at, cents(label) as label_amount, currency,
           case when is_scanned then iso_local(first_scan_at, {ZONE}) end as first_scan_at,
           case when is_scanned then iso_local(delivered_at, {ZONE}) end as delivered_at,
           iso_local(promised_at, {ZONE}) as promised_at, country as from_country, node_country as to_country,
           node_id as to_node_id, declared_kg::varchar as weight_kg,
           case when is_scanned then billed_kg::varchar end as billed_weight_kg, iso_z(changed_at) as updated_at,
           case when not is_scanned and scanned_at is not null then 'restated_row'
                when fate = 'LOST' and first_scan_at is not null then 'lost_parcel' end as {LABEL}
    from versions v order by changed_at, tracking_number
"""
CHARGES = f"""
    select export_of(invoiced_at) as {EXPORT}, carrier, invoice_id, invoice_line, invoiced_at::timestamp as invoiced_at,
           tracking_number, charge_class, net as net_amount, incentive as incentive_amount, currency,
           billed_kg as billed_weight_kg, invoiced_at::timestamp as updated_at, defect as {LABEL}
    from charges order by invoiced_at, invoice_id, row
"""
ENTITIES = [
    Entity("costs", COSTS, "parquet"),
    Entity("recoveries", RECOVERIES, "csv"),
    Entity("claims", CLAIMS, "jsonl"),
    Entity("shipments", SHIPMENTS, "csv"),
    Entity("carrier_charges", CHARGES, "parquet"),
]
