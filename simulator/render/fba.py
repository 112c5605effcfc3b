"""The marketplace's FBA customer returns report: one TSV a month and account, each reaching seven days back."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa

from simulator.calendar import MONTHS, first_day_after
from simulator.marketplace import OVERLAP_DAYS, PENDING
from simulator.render.files import LABEL, NativeFile, query

_HEADERS = [
    ["return-date", "order-id", "sku", "asin", "fnsku", "product-name", "quantity", "fulfillment-center-id",
     "detailed-disposition", "reason", "status", "license-plate-number", "customer-comments"],
    ["return-date", "amazon-order-id", "sku", "asin", "fnsku", "product-name", "quantity", "fulfillment-center-id",
     "detailed-disposition", "reason", "status", "license-plate-number", "customer-comments"],
    ["Return Date", "Order ID", "SKU", "ASIN", "FNSKU", "Product Name", "Quantity", "Fulfilment-Centre-ID",
     "Detailed-Disposition", "Reason", "Status", "Licence-Plate-Number", "Customer Comments"],
]  # fmt: skip
_US_DATES = [
    "iso_utc(received_at)",
    "strftime(received_at::timestamp, '%d-%b-%Y')",
    "strftime(received_at::timestamp, '%d-%m-%Y')",
    "upper(strftime(received_at::timestamp, '%d-%b-%Y'))",
]
_CP1252_MONTHS = ("2025-12", "2026-05")
_NEW_COLUMN_FROM = "2026-07"  # the US report grows a column that no contract knows


def files(db: duckdb.DuckDBPyConnection) -> Iterator[NativeFile]:
    """Both accounts' reports. Canada prints times with an offset, the US account days in three styles."""
    for number, month in enumerate(MONTHS.astype(str)):
        zone = "iso_utc(received_at)" if number % 2 == 0 else "iso_local(received_at, 'America/Vancouver')"
        french = month in _CP1252_MONTHS
        ca = _report(db, month, False, zone, french).rename_columns([*_HEADERS[number % 2], LABEL])
        encoding, label = ("cp1252", "cp1252_file") if french else ("utf-8", "")
        name, day = f"customer_returns_{month}.tsv", first_day_after(month)
        yield NativeFile(f"fba_ca/{name}", ca, "tsv", encoding=encoding, label=label, arrives=day)
        us = _report(db, month, True, _US_DATES[number % 4], False)
        us = us.rename_columns([*_HEADERS[number % 3], LABEL])
        if month >= _NEW_COLUMN_FROM:
            us = us.append_column("return-program", pa.array(["STANDARD"] * us.num_rows))
        yield NativeFile(f"fba_us/{name}", us, "tsv", arrives=day)


def _report(db: duckdb.DuckDBPyConnection, month: str, us: bool, date: str, french: bool) -> pa.Table:
    return query(
        db,
        f"""
        with bounds as (
            select timestamp '{month}-01' as first_at, timestamp '{month}-01' + interval 1 month as last_at
        ), shown as (
            select u.*, p.sku, p.asin, received_at < first_at as is_overlap,
                   received_at::timestamp + to_seconds(decided_after) >= last_at as is_early,
                   case when {str(french).lower()} or u.node_id = 'YUL5' then p.name_fr else p.name_en end as title
            from units u join products p on p.row = u.product, bounds
            where u.channel = 'MARKETPLACE' and u.is_us = {str(us).lower()}
              and received_at >= first_at - interval {OVERLAP_DAYS} day and received_at < last_at
        )
        select {date}, order_id, sku, asin, 'X' || upper(substr(md5(sku), 1, 9)), title, '1', node_id, found,
               reason_code, case when is_early then '{PENDING}' else status end, lpn,
               case when row % 23 = 0 then 'Said "like new" - it was not'
                    when row % 17 = 0 then 'too small / trop petit' end,
               case when is_early and status <> '{PENDING}' then 'restated_row' when is_overlap then 'overlap_row' end
        from shown order by received_at, lpn
    """,
    )
