"""Generates TPC-DS and writes each channel in the native contract; runs in an environment of its own.

Usage: generate.py FOLDER. Needs duckdb, duckdb-extensions and duckdb-extension-tpcds in one and the same version.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
from duckdb_extensions import import_extension

MAPPING = Path(__file__).with_name("mapping.sql")
CHANNELS = {"store": ("sr", "ss"), "catalog": ("cr", "cs"), "web": ("wr", "ws")}


def _views(channel: str, back: str, sale: str) -> str:
    """The channel's tables under the names that the mapping uses."""
    order = "ticket_number" if channel == "store" else "order_number"
    customer = "customer_sk" if channel == "store" else "returning_customer_sk"
    buyer = "customer_sk" if channel == "store" else "bill_customer_sk"
    amount = "return_amount" if channel == "catalog" else "return_amt"
    credit = "account_credit" if channel == "web" else "store_credit"
    return f"""
        create or replace view returned as
        select '{channel.upper()}' as channel, '{channel[0].upper()}' as prefix, {back}_{order} as order_number,
               {back}_item_sk as item, {back}_{customer} as customer, {back}_returned_date_sk as returned_date,
               {back}_reason_sk as reason, {back}_return_quantity as quantity, {back}_{amount} as amount,
               {back}_return_tax as tax, {back}_fee as fee, {back}_return_ship_cost as ship_cost,
               {back}_refunded_cash as refunded_cash, {back}_reversed_charge as reversed_charge,
               {back}_{credit} as credit, {back}_net_loss as net_loss
        from {channel}_returns;
        create or replace view sold as
        select '{channel.upper()}' as channel, '{channel[0].upper()}' as prefix, {sale}_{order} as order_number,
               {sale}_item_sk as item, {sale}_{buyer} as customer, {sale}_sold_date_sk as sold_date,
               {sale}_quantity as quantity, {sale}_net_paid as net_paid, {sale}_ext_tax as tax,
               {sale}_wholesale_cost as wholesale_cost
        from {channel}_sales;
    """


def main(folder: Path) -> None:
    """Writes ``<folder>/<channel>/<table>.parquet``, and ``<folder>/<channel>_expected.parquet`` beside them."""
    import_extension("tpcds")
    con = duckdb.connect()
    con.execute("load tpcds")
    con.execute("call dsdgen(sf = 0.01)")
    for channel, (back, sale) in CHANNELS.items():
        con.execute(_views(channel, back, sale) + MAPPING.read_text(encoding="utf-8"))
        target = folder / channel
        target.mkdir(parents=True)
        tables = ["returns", "sales_lines", "refunds", "costs"] + (["products"] if channel == "store" else [])
        for table in tables:
            con.execute(f"copy (select * from {table}) to '{target / f'{table}.parquet'}'")
        con.execute(f"copy (select * from expected) to '{folder / f'{channel}_expected.parquet'}'")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
