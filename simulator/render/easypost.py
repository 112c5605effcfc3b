"""The carrier platform's answers: pages of shipments with their labels, and of trackers with their scans."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from simulator.consignments import REFUND_AFTER
from simulator.render.files import EXPORT, LABEL, NativeFile, by_quarter

_SCANS = """
    create table platform_parcels as
        select *, printf('%032x', row + 1592590336) as easypost_id from parcels
        where not on_account and tracking_number is not null;
    create macro place(country, here, abroad, overseas) as
        case country when 'CA' then here when 'US' then abroad else overseas end;
    create table scans as
    with steps as (
        select row as parcel, label_at as scan_at, 1 as step, 'pre_transit' as status,
               'Shipping label created' as message, null as city from platform_parcels
        union all
        select row, first_scan_at, 2, 'in_transit', 'Accepted at post office',
               place(country, 'Québec', 'Syracuse', 'Orléans') from platform_parcels
        union all
        select row, first_scan_at::timestamp + (delivered_at::timestamp - first_scan_at::timestamp) * 0.5, 3,
               'in_transit', 'Departed sorting facility', place(node_country, 'Trois-Rivières', 'Albany', 'Amiens')
        from platform_parcels
        union all
        select row, delivered_at::timestamp - interval 3 hour, 4, 'out_for_delivery', 'Out for delivery',
               place(node_country, 'Montréal', 'Buffalo', 'Lille') from platform_parcels
        union all
        select row, delivered_at, 5, 'delivered', 'Delivered to return centre',
               place(node_country, 'Montréal', 'Buffalo', 'Lille') from platform_parcels
    )
    select * replace (date_trunc('second', scan_at::timestamp) as scan_at) from steps
    where scan_at is not null order by parcel, step
"""
# the state after the last scan; every eighth parcel was also seen earlier, every fortieth of them late
_TRACKERS = f"""
    with last_scan as (select parcel, max(step) as upto, max(scan_at) as scan_at from scans group by parcel),
    versions as (
        select parcel, upto, scan_at + interval 7 minute as changed_at,
               export_of(scan_at + interval 7 minute) as export,
               case when fate = 'LOST' and first_scan_at is not null then 'lost_parcel' end as label
        from last_scan join platform_parcels on row = parcel
        union all
        select s.parcel, s.step, s.scan_at + interval 7 minute,
               case when s.parcel % 40 = 0 then export_of(l.scan_at + interval 7 minute)
                    else export_of(s.scan_at + interval 7 minute) end,
               case when s.parcel % 40 = 0 then 'stale_version' end
        from scans s join last_scan l on l.parcel = s.parcel and l.upto > s.step
        where s.parcel % 8 = 0 and s.step = 2
    ), details as (
        select v.parcel, v.upto, v.label, any_value(v.export) as export, any_value(v.changed_at) as changed_at,
               max_by(s.status, s.step) as status,
               list(struct_pack(
                   object := 'TrackingDetail', message := s.message, description := '', status := s.status,
                   status_detail := 'status_update', datetime := iso_z(s.scan_at), source := c.carrier,
                   carrier_code := '',
                   tracking_location := struct_pack(object := 'TrackingLocation', city := s.city,
                       state := place(c.country, 'QC', 'NY', null), country := c.country, zip := null::varchar)
               ) order by s.step) as tracking_details
        from versions v join scans s on s.parcel = v.parcel and s.step <= v.upto
        join platform_parcels c on c.row = v.parcel
        group by v.parcel, v.upto, v.label
    )
    select d.export as {EXPORT}, to_json(struct_pack(
               id := 'trk_' || c.easypost_id, object := 'Tracker', mode := 'production',
               tracking_code := c.tracking_number, status := d.status, status_detail := 'status_update',
               created_at := iso_z(c.label_at), updated_at := iso_z(d.changed_at), signed_by := null::varchar,
               weight := c.weight_oz, est_delivery_date := null::varchar, shipment_id := 'shp_' || c.easypost_id,
               carrier := c.carrier, tracking_details := d.tracking_details, fees := []::varchar[],
               carrier_detail := null::varchar, finalized := d.status = 'delivered', is_return := true
           ))::varchar as document, d.label as {LABEL}
    from details d join platform_parcels c on c.row = d.parcel
    order by d.export, (d.label is not null), d.changed_at, c.easypost_id
"""
_SHIPMENT = """
    struct_pack(
        id := shipment_id, object := 'Shipment', created_at := iso_z(created_at), updated_at := iso_z(changed_at),
        is_return := is_return, mode := 'production', reference := reference, status := status,
        tracking_code := case when bought then tracking_number end, refund_status := refund_status,
        messages := []::varchar[], options := struct_pack(currency := currency, date_advance := 0),
        parcel := struct_pack(object := 'Parcel', weight := weight_oz, length := 14.0, width := 10.0, height := 6.0),
        from_address := struct_pack(object := 'Address', name := 'REDACTED', country := from_country),
        to_address := struct_pack(object := 'Address', name := 'Centre de retours', country := to_country),
        rates := case when bought and price is not null then [
            struct_pack(object := 'Rate', carrier := carrier, service := 'Ground', rate := price,
                        currency := currency),
            struct_pack(object := 'Rate', carrier := carrier, service := 'Express',
                        rate := cents(price::decimal(18, 2) * 2), currency := currency)] else [] end,
        selected_rate := case when bought and price is not null then
            struct_pack(object := 'Rate', carrier := carrier, service := 'Ground', rate := price,
                        currency := currency, shipment_id := shipment_id) end,
        fees := case when bought and price is not null then [
            struct_pack(object := 'Fee', type := 'LabelFee', amount := '0.00000', charged := true, refunded := false),
            struct_pack(object := 'Fee', type := 'PostageFee', amount := price || '000', charged := true,
                        refunded := refund_status is not null)] else [] end,
        tracker := case when bought and is_return then struct_pack(id := 'trk_' || easypost_id, object := 'Tracker',
            mode := 'production', tracking_code := tracking_number, status := 'pre_transit', carrier := carrier,
            shipment_id := shipment_id, is_return := true, finalized := false, tracking_details := []::varchar[],
            created_at := iso_z(created_at), updated_at := iso_z(created_at)) end
    )
"""
# a label is answered when bought; sometimes its draft comes after it, sometimes the label is taken back weeks later
_SHIPMENTS = f"""
    with returned as (
        select c.*, 'shp_' || easypost_id as shipment_id, label_at as created_at, true as is_return,
               min(l.rma_id) as reference, country as from_country, node_country as to_country,
               cents(c.label) as price
        from platform_parcels c join lines l on l.parcel = c.row group by all
    ), versions as (
        select * exclude (refund_status), 'unknown' as status, null as refund_status, true as bought,
               label_at::timestamp + interval 40 second as changed_at, null as mark from returned
        union all
        select * exclude (refund_status), 'unknown', null, false, label_at::timestamp, 'stale_version' from returned
        where row % 25 = 0
        union all
        select * exclude (refund_status), 'cancelled', refund_status, true,
               label_at::timestamp + interval {int(REFUND_AFTER.astype(int))} day, null
        from returned where refund_status is not null
    ), outward as (
        select row, 'shp_f' || substr(md5(order_id), 2) as shipment_id, shipped_at as created_at, false as is_return,
               order_id as reference, 'CA' as from_country, ship_to_country as to_country, 'unknown' as status,
               null as refund_status, true as bought, shipped_at::timestamp + interval 40 second as changed_at,
               '9300' || printf('%012d', row) as tracking_number, currency, 40.0 as weight_oz, 'CanadaPost' as carrier,
               '14.20' as price, md5(order_id) as easypost_id, null as mark
        from sales where order_id like 'W5%' and row % 400 = 0 and shipped_at < timestamp '2026-09-30'
    ), everything as (
        select * from outward union all by name select * from versions
    )
    select export_of(changed_at) as {EXPORT}, to_json({_SHIPMENT})::varchar as document, mark as {LABEL}
    from everything order by {EXPORT}, (mark is not null), changed_at, shipment_id
"""


def files(db: duckdb.DuckDBPyConnection) -> Iterator[NativeFile]:
    """Pages of shipments and of trackers, by the export that shows the last change."""
    db.execute(_SCANS)
    for page, sql in (("shipments", _SHIPMENTS), ("trackers", _TRACKERS)):
        for quarter, rows in by_quarter(db, sql):
            yield NativeFile(f"easypost/{page}_{quarter}.json", rows, "pages", page=page)
