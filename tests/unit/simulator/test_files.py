"""The files alone, read by other means than the simulator's or the warehouse's, lead to the truth."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from simulator.defects import QUARANTINE
from tests.unit.simulator.conftest import Demo
from tests.unit.simulator.test_demo import label_rows

MONEY = Decimal("0.0001")
Unit = tuple[str, str, int]


def rows_of(query: str) -> list[dict[str, Any]]:
    found = duckdb.sql(query)
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


class Files:
    """The drop folder as a careful reader sees it: defects that no reader can take are left out."""

    def __init__(self, home: Path) -> None:
        self.drop = home / "drop"
        self.unreadable = {(r["file"], r["row"]) for r in label_rows(home) if r["expected"] == QUARANTINE}

    def records(self, pattern: str) -> Iterable[dict[str, Any]]:
        for path in sorted(self.drop.glob(pattern), reverse=True):  # the order of files must not matter
            for number, record in enumerate(self._read(path), start=1):
                if (f"{path.parent.name}/{path.name}", str(number)) not in self.unreadable:
                    yield json.loads(record) if isinstance(record, str) else record

    def current(self, pattern: str, *key: str) -> list[dict[str, Any]]:
        newest: dict[tuple[Any, ...], dict[str, Any]] = {}
        for record in self.records(pattern):
            seen = newest.setdefault(tuple(record[k] for k in key), record)
            if str(record["updated_at"]) > str(seen["updated_at"]):
                newest[tuple(record[k] for k in key)] = record
        return list(newest.values())

    def _read(self, path: Path) -> Iterable[Any]:
        if path.suffix == ".parquet":
            return rows_of(f"from '{path}'")
        data = path.read_bytes()
        if path.suffix == ".jsonl":
            return data.decode().splitlines()
        if path.suffix == ".json":
            return list(next(iter(json.loads(data).values())))
        text = data.decode("cp1252" if path.name == "item_master_2026.csv" else "utf-8")
        return csv.DictReader(io.StringIO(text, newline=""))


CLASSES = {
    "FREIGHT": "FRT_RTN", "SURCHARGE": "FRT_RTN", "ADJUSTMENT": "FRT_ADJ", "CREDIT": "FRT_ADJ", "DUTY": "DUTY_IN",
    "BROKERAGE": "BRK",
}  # fmt: skip


class Costs:
    """Costs by webshop unit in CAD, posted from records in plain Python; what several units caused is shared."""

    def __init__(self, files: Files, truth: dict[Unit, dict[str, Any]]) -> None:
        self.truth = truth
        self.rates = {(r["from_currency"], r["rate_date"]): Decimal(r["rate"]) for r in files.records("shop/fx_rates*")}
        self.by_unit: dict[Unit, Decimal] = defaultdict(Decimal)
        self.by_parcel: dict[str, list[Unit]] = defaultdict(list)
        self.by_node: dict[tuple[str, str], list[Unit]] = defaultdict(list)
        self.by_lot: dict[str, list[Unit]] = defaultdict(list)
        self.by_plate: dict[str, Unit] = {}
        self.received: dict[Unit, bool] = {}
        self.minutes: dict[Unit, Decimal] = defaultdict(Decimal)
        for line in files.current("shop/returns*", "rma_id", "rma_line"):
            here = int(line["received_quantity"] or line["quantity"]) if line["received_at"] else 0
            for ordinal in range(1, max(int(line["quantity"]), here) + 1):
                unit = (line["rma_id"], line["rma_line"], ordinal)
                self.received[unit] = ordinal <= here
                if line["tracking_number"]:
                    self.by_parcel[line["tracking_number"]].append(unit)
                if ordinal <= here:
                    month = dt.datetime.fromisoformat(line["received_at"]).astimezone(dt.UTC).strftime("%Y-%m")
                    self.by_node[line["node_id"], month].append(unit)
            if line["lpn"]:
                self.by_plate[line["lpn"]] = (line["rma_id"], line["rma_line"], 1)
        for row in files.current("shop/inspections*", "inspection_id"):
            self.minutes[self.named(row)] += Decimal(str(row["minutes"] or 0))
        for row in files.current("shop/dispositions*", "disposition_id"):
            if row["lot_id"]:
                self.by_lot[row["lot_id"]].append(self.named(row))

    def named(self, row: dict[str, Any]) -> Unit:
        return self.by_plate.get(row["lpn"]) or (row["rma_id"], row["rma_line"], int(row["unit_ordinal"] or 1))

    def post(self, unit: Unit, amount: Decimal, currency: str, at: dt.datetime) -> None:
        rate = Decimal(1) if currency == "CAD" else self.rates[currency, str(at.date())]
        self.by_unit[unit] += (amount * rate).quantize(MONEY, ROUND_HALF_UP)

    def share(self, units: list[Unit], drivers: list[str], amount: Decimal, currency: str, at: dt.datetime) -> None:
        members = sorted(units)
        known = ([self.truth[u][d] for u in members] for d in drivers)
        weights = next((d for d in known if None not in d), [1] * len(members))
        self.divide(members, weights, amount, currency, at)

    def divide(self, members: list[Unit], weights: list[Any], amount: Decimal, currency: str, at: dt.datetime) -> None:
        if members and not sum(weights):
            weights = [1] * len(members)
        exact = [Fraction(abs(amount) * 100) * Fraction(w) / Fraction(sum(weights)) for w in weights]
        cents = [int(e) for e in exact]
        left = int(abs(amount) * 100) - sum(cents) if members else 0
        for i in sorted(range(len(members)), key=lambda i: (cents[i] - exact[i], i))[:left]:
            cents[i] += 1
        for unit, part in zip(members, cents, strict=True):
            self.post(unit, Decimal(part) / 100 * (1 if amount > 0 else -1), currency, at)

    def parcel(self, tracking: str, category: str, amount: Decimal, currency: str, at: dt.datetime) -> None:
        drivers = (
            ["landed_cost_reporting"] if category in ("DUTY_IN", "BRK") else ["unit_mass_kg", "landed_cost_reporting"]
        )
        self.share(self.by_parcel.get(tracking, []), drivers, amount, currency, at)

    def native(self, row: dict[str, Any]) -> None:
        if row["category_code"] == "WRITE_DOWN" or str(row["lpn"]).startswith("LPN"):
            return
        money = (row["amount"], row["currency"], row["posted_at"])
        if row["lpn"] or row["rma_id"]:
            self.post(self.named(row), *money)
        elif row["lot_id"]:
            self.share(self.by_lot[row["lot_id"]], ["landed_cost_reporting"], *money)
        elif row["node_id"]:
            members = sorted(self.by_node.get((row["node_id"], row["posted_at"].strftime("%Y-%m")), []))
            overhead = row["category_code"] == "OVH"
            self.divide(members, [self.minutes[u] if overhead else 1 for u in members], *money)
        else:
            self.parcel(row["tracking_number"], row["category_code"], *money)

    def label(self, shipment: dict[str, Any]) -> None:
        price = shipment["selected_rate"]
        if shipment["is_return"] and price and shipment["refund_status"] != "refunded":
            at = dt.datetime.fromisoformat(shipment["created_at"])
            self.parcel(shipment["tracking_code"], "FRT_RTN", Decimal(price["rate"]), price["currency"], at)


def test_the_files_alone_lead_to_the_true_cost_of_every_webshop_unit(business: Demo) -> None:
    files = Files(business.home)
    ledger = rows_of(f"from '{business.home}/truth/ledger.parquet' where channel = 'WEBSHOP'")
    truth = {(row["rma_id"], row["rma_line"], row["unit_ordinal"]): row for row in ledger}
    costs = Costs(files, truth)
    assert costs.received == {unit: row["received_at"] is not None for unit, row in truth.items()}
    for row in files.current("shop/costs*", "cost_id"):
        costs.native(row)
    for shipment in files.current("easypost/shipments*", "id"):
        costs.label(shipment)
    for row in files.current("shop/carrier_charges*", "invoice_id", "invoice_line"):
        category = CLASSES[row["charge_class"]]
        costs.parcel(row["tracking_number"], category, row["net_amount"], row["currency"], row["invoiced_at"])
    expected = duckdb.sql(f"""
        select unit_id, sum(amount_reporting) from '{business.home}/truth/costs.parquet'
        where is_trc and unit_id not like 'LPN%' group by 1
    """).fetchall()
    assert len(expected) > 500
    assert dict(expected) == {"|".join(map(str, unit)): amount for unit, amount in costs.by_unit.items()}


def unit_ids(files: Files) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """(unit id by plate, return line by RMA and line)."""
    lines = files.current("shop/returns*", "rma_id", "rma_line")
    plates = {r["lpn"]: f"{r['rma_id']}|{r['rma_line']}|1" for r in lines if r["lpn"]}
    return plates, {f"{r['rma_id']}|{r['rma_line']}": r for r in lines}


def unit_id(row: dict[str, Any], plates: dict[str, str]) -> str:
    if row["lpn"]:
        return plates.get(row["lpn"], row["lpn"])
    return f"{row['rma_id']}|{row['rma_line']}|{row['unit_ordinal'] or 1}"


class Proceeds(Costs):
    """The same of what came back, in the currency that it came in."""

    def post(self, unit: Unit, amount: Decimal, currency: str, at: dt.datetime) -> None:
        self.by_unit[unit] += amount


def test_the_files_alone_lead_to_every_fate_recovery_and_movement(business: Demo) -> None:
    files, truth = Files(business.home), business.home / "truth"
    plates, _ = unit_ids(files)
    fates = {
        unit_id(row, plates): (row["disposition_code"], bool(row["executed_at"]))
        for row in sorted(
            files.current("shop/dispositions*", "disposition_id"),
            key=lambda row: dt.datetime.fromisoformat(row["decided_at"]),
        )
        if row["is_final"] != "false"
    }
    ledger = duckdb.sql(f"""
        select unit_id, disposition_code, executed_at is not null, executed_at = received_at
        from '{truth}/ledger.parquet' where disposition_code is not null
    """).fetchall()
    on_arrival = {unit for unit, code, _, at_once in ledger if at_once and code == "RESTOCK_NEW"}
    assert fates == {unit: (code, done) for unit, code, done, _ in ledger if unit not in on_arrival}

    units = rows_of(f"from '{truth}/ledger.parquet'")
    book = Proceeds(files, {(row["rma_id"], row["rma_line"], row["unit_ordinal"]): row for row in units})
    at = dt.datetime.now(dt.UTC)  # of no importance without a rate
    recovered: dict[str, Decimal] = defaultdict(Decimal)
    for row in files.current("shop/recoveries*", "recovery_id"):
        amount = Decimal(row["gross_amount"])
        if row["lot_id"]:
            book.share(book.by_lot[row["lot_id"]], ["landed_cost_reporting"], amount, "", at)
        elif row["tracking_number"]:
            book.parcel(row["tracking_number"], row["category_code"], amount, "", at)
        else:
            recovered[unit_id(row, plates)] += amount
    for unit, amount in book.by_unit.items():
        recovered["|".join(map(str, unit))] += amount
    expected = duckdb.sql(f"select unit_id, sum(gross) from '{truth}/recoveries.parquet' group by 1").fetchall()
    assert recovered == dict(expected)
    assert book.by_unit

    moved = {
        row["movement_id"]: (unit_id(row, plates), Decimal(row["mass_kg"]))
        for row in files.current("shop/waste_movements*", "movement_id")
    }
    told = duckdb.sql(
        f"select record, unit_id, mass_kg from '{truth}/mass.parquet' where record is not null"
    ).fetchall()
    assert len(told) > 60
    assert all(moved[record] == (unit, kg) for record, unit, kg in told)


def test_the_files_alone_lead_to_landed_cost_and_mass(business: Demo) -> None:
    files = Files(business.home)
    plates, lines = unit_ids(files)
    rates = {(r["from_currency"], r["rate_date"]): Decimal(r["rate"]) for r in files.records("shop/fx_rates*")}
    sales: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(files.current("shop/sales_lines*", "order_id", "order_line"), key=lambda r: r["order_line"]):
        sales[row["order_id"], row["sku"]].append(row)
    items: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for pattern in ("wms/item_master*", "shop/products*"):
        for row in files.records(pattern):
            items[row["sku"]].append(row)
    weighed: dict[str, tuple[str, float | None]] = {}
    for row in files.current("shop/inspections*", "inspection_id"):
        unit = unit_id(row, plates)
        weighed[unit] = max(weighed.get(unit, ("", None)), (row["inspected_at"], row["scanned_weight_kg"]))
    without_sale = 0
    for unit in rows_of(f"from '{business.home}/truth/ledger.parquet'"):
        named = lines.get(unit["unit_id"].rpartition("|")[0], {}).get("order_line")
        sold = [s for s in sales[unit["order_id"], unit["sku"]] if not named or s["order_line"] == named]
        if sold:
            day = str(dt.datetime.fromisoformat(sold[0]["ordered_at"]).astimezone(dt.UTC).date())
        else:
            day = str(unit["received_at"].date()) if unit["received_at"] else ""
            without_sale += 1
        item = max(
            (i for i in items[unit["sku"]] if i["effective_from"] <= day), key=lambda i: i["effective_from"], default={}
        )
        own = sold[0]["unit_landed_cost"] if sold else ""
        cost, currency = (own, sold[0]["currency"]) if own else (item.get("unit_cost"), item.get("currency"))
        landed = None
        if cost:
            rate = Decimal(1) if currency == "CAD" else rates[currency, day]
            landed = (Decimal(cost) * rate).quantize(MONEY, ROUND_HALF_UP)
        assert unit["landed_cost_reporting"] == landed, unit
        scale = weighed.get(unit["unit_id"], ("", None))[1]
        mass = (
            Decimal(str(scale)) if scale is not None else Decimal(item["weight_kg"]) if item.get("weight_kg") else None
        )
        assert unit["unit_mass_kg"] == mass, unit
    assert without_sale > 3


def test_the_report_alone_leads_to_the_marketplace_units(demo: Demo) -> None:
    """The latest month that shows a plate has its final status."""
    final: dict[str, str] = {}
    rows = 0
    for path in sorted((demo.home / "drop").glob("fba_*/*.tsv"), key=lambda p: p.name):
        for line in path.read_bytes().decode("cp1252").splitlines()[1:]:
            fields = line.split("\t")
            rows += 1
            if not fields[11].startswith("LPNRRX"):
                final[fields[11]] = fields[10]
    ledger = duckdb.sql(f"""
        select lpn, disposition_code from '{demo.home}/truth/ledger.parquet'
        where channel = 'MARKETPLACE'
    """).fetchall()
    assert final.keys() == {lpn for lpn, _ in ledger}
    stocked = {lpn for lpn, code in ledger if code == "RESTOCK_NEW"}
    assert stocked == {lpn for lpn, status in final.items() if status == "Unit returned to inventory"}
    ours = [r for r in label_rows(demo.home) if r["file"].startswith("fba") and r["row"]]
    repeats = sum(r["defect"] in ("overlap_row", "duplicate_row") or r["expected"] == QUARANTINE for r in ours)
    restated = sum(r["defect"] == "restated_row" for r in ours)
    assert restated > 20
    assert rows - repeats <= len(final) + restated
