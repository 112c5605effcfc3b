"""What the return centres record, in the native contract: inspections, decisions, jobs, waste, packing, shifts."""

from __future__ import annotations

from simulator.render.files import EXPORT, LABEL, NAMES_UNIT, ZONE, Entity

# how documents name a unit: by its plate where it has one, else by authorisation, line and, where needed, ordinal
EVIDENCE = """
    create table evidence as
    select u.row as unit, u.lpn, case when u.lpn is null or u.row % 3 = 0 then u.rma_id end as rma_id,
           case when u.lpn is null or u.row % 3 = 0 then u.rma_line end as rma_line,
           case when u.rma_id is not null and (greatest(l.quantity, l.received_quantity) > 1
                     or (u.lpn is null and u.row % 2 = 0))
                then u.unit_ordinal end as unit_ordinal
    from units u left join lines l on l.row = u.line order by u.row
"""
INSPECTIONS = f"""
    select export_of(inspected_at) as {EXPORT}, to_json(struct_pack(
               inspection_id := numbered('INS-', i.row), lpn := e.lpn, rma_id := e.rma_id, rma_line := e.rma_line,
               unit_ordinal := e.unit_ordinal, inspected_at := iso_z(inspected_at), grade := i.grade,
               node_id := u.node_id, scanned_weight_kg := scanned_weight_kg, minutes := minutes::double,
               test_result := test_result, found_sku := p.sku, found_reason_code := found_reason,
               damage_cause := damage_cause, is_fraud_suspected := is_fraud_suspected::boolean,
               is_fraud_confirmed := is_fraud_confirmed::boolean,
               updated_at := iso_z(inspected_at)))::varchar as document, defect as {LABEL}
    from inspections i join evidence e on e.unit = i.unit join units u on u.row = i.unit
    left join products p on p.row = i.found_product order by inspected_at, i.row
"""
DISPOSITIONS = f"""
    with versions as (
        select *, coalesce(executed_at, decided_at) as changed_at, executed_at as known_executed_at from dispositions
        union all
        select *, decided_at, null from dispositions where export_of(executed_at) > export_of(decided_at)
    )
    select export_of(changed_at) as {EXPORT}, numbered('DSP-', d.row) as disposition_id, {NAMES_UNIT},
           disposition_code, is_final,
           iso_local(decided_at, {ZONE}) as decided_at, iso_local(known_executed_at, {ZONE}) as executed_at,
           case when disposition_code <> 'KEPT_BY_CUSTOMER' then u.node_id end as node_id,
           case when disposition_code like 'RES%' then 'WEBSHOP' end as resale_channel, l.lot_id,
           case when d.row % 2 = 0 then cents(round(u.landed * 0.45, 2)) end as expected_recovery_amount,
           case when d.row % 2 = 0 and u.landed is not null then 'CAD' end as currency, 'regles-2025.2' as rule_version,
           iso_z(changed_at) as updated_at,
           case when known_executed_at is null and executed_at is not null then 'restated_row' else defect
           end as {LABEL}
    from versions d join evidence e on e.unit = d.unit join units u on u.row = d.unit left join lots l on l.row = d.lot
    order by changed_at, disposition_id
"""
WORK_ORDERS = f"""
    with versions as (
        select *, coalesce(completed_at, started_at) as changed_at, completed_at as known_completed_at from work_orders
        union all
        select *, started_at, null from work_orders where export_of(completed_at) > export_of(started_at)
    )
    select export_of(changed_at) as {EXPORT}, to_json(struct_pack(
               work_order_id := numbered('WO-', w.row), lpn := e.lpn, rma_id := e.rma_id, rma_line := e.rma_line,
               unit_ordinal := e.unit_ordinal, work_kind := work_kind, node_id := node_id,
               started_at := iso_z(started_at), completed_at := iso_z(known_completed_at),
               labour_minutes := case when known_completed_at is not null then labour_minutes::double end,
               outcome := case when known_completed_at is not null then outcome end,
               output_serial_number := case when known_completed_at is not null then output_serial_number end,
               updated_at := iso_z(changed_at)))::varchar as document,
           case when known_completed_at is null and completed_at is not null then 'restated_row' end as {LABEL}
    from versions w join evidence e on e.unit = w.unit order by changed_at, w.row
"""
MOVEMENTS = f"""
    select export_of(moved_at) as {EXPORT}, movement_id, {NAMES_UNIT}, material_code, treatment_code,
           mass_kg::varchar as mass_kg, is_hazardous, iso_local(moved_at, {ZONE}) as moved_at,
           if(treatment_code = 'PREPARE_FOR_REUSE', 'ATELIER-QC', 'RECUP-ÉCO') as operator_id,
           case when has_certificate then 'CERT-' || movement_id end as certificate_number,
           iso_z(moved_at) as updated_at, defect as {LABEL}
    from movements m join evidence e on e.unit = m.unit order by m.moved_at, movement_id
"""
CONTAINERS = f"""
    with versions as (
        select *, coalesce(unpacked_at, packed_at) as changed_at, unpacked_at as known_unpacked_at from containers
        union all
        select *, packed_at, null from containers where is_daily() and export_of(unpacked_at) > export_of(packed_at)
    )
    select export_of(changed_at) as {EXPORT}, child_id, parent_id, container_kind,
           iso_local(packed_at, {ZONE}) as packed_at, iso_local(known_unpacked_at, {ZONE}) as unpacked_at,
           iso_z(changed_at) as updated_at,
           case when known_unpacked_at is null and unpacked_at is not null then 'restated_row' end as {LABEL}
    from versions v order by v.packed_at, child_id, changed_at
"""
SHIFTS = f"""
    select export_of(day) as {EXPORT}, day::date as worked_date, node_id, activity,
           is_temporary::boolean as is_temporary, paid_minutes, worked_minutes, unit_count, paid as paid_amount,
           'CAD' as currency, day::timestamp + interval 23 hour as updated_at, null::varchar as {LABEL}
    from shifts order by day, node_id, activity, is_temporary
"""
ENTITIES = [
    Entity("inspections", INSPECTIONS, "jsonl"),
    Entity("dispositions", DISPOSITIONS, "csv"),
    Entity("work_orders", WORK_ORDERS, "jsonl"),
    Entity("waste_movements", MOVEMENTS, "csv"),
    Entity("containers", CONTAINERS, "csv", is_periodic=False),
    Entity("labour_shifts", SHIFTS, "parquet", is_periodic=False),
]
