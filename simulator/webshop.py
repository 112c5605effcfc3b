"""The shop's own returns: authorisations of one to three lines in consignments, the orders behind them, the units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator import consignments, reasons
from simulator.calendar import CUTOFF, DAY, START, later
from simulator.catalogue import FX_FIRST, FX_LAST
from simulator.consignments import choose, normal
from simulator.exact import NAT, TEXT, UNKNOWN, Array, Frame, concat, counted, size, take
from simulator.personas import Persona

# what a consignment holds: (authorisation within it, its line, quantity) per line, and how often
_CONTENTS: list[tuple[float, list[tuple[int, int, int]]]] = [
    (0.60, [(0, 1, 1)]),
    (0.10, [(0, 1, 2)]),
    (0.15, [(0, 1, 1), (0, 2, 1)]),
    (0.06, [(0, 1, 1), (0, 2, 1), (0, 3, 1)]),
    (0.03, [(0, 1, 3)]),
    (0.03, [(0, 1, 2), (0, 2, 1)]),
    (0.03, [(0, 1, 1), (1, 1, 1)]),
]
_AGAIN_AFTER = 100 * DAY  # the least from a first receipt to the request of the second return of a serial number
_OTHER_ORDERS = 2_000_000_000
_NO_DAY = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Webshop:
    """The channel's true tables: one row per order line, consignment, return line and returned unit."""

    sales: Frame
    parcels: Frame
    lines: Frame
    units: Frame


def draw(rng: np.random.Generator, wanted: int, products: Frame, persona: Persona) -> Webshop:
    """About ``wanted`` units asked to be returned, some of which never arrive."""
    content = rng.choice(len(_CONTENTS), wanted, p=normal([share for share, _ in _CONTENTS]))
    units_in = np.array([sum(q for _, _, q in rows) for _, rows in _CONTENTS])[content]
    content = content[: int(np.searchsorted(np.cumsum(units_in), wanted)) + 1]
    parcels = consignments.draw(rng, len(content), persona)
    lines = _lines(rng, parcels, content[: size(parcels)], products, persona)
    _irregular(rng, lines, parcels, products)
    _kept(rng, lines, parcels, persona)
    _identify(rng, lines, parcels, products, persona)
    _returned_again(lines, parcels)
    lines["reason_code"], lines["defect"] = _reasons(rng, lines, parcels, products, persona)
    sales = _sales(rng, parcels, lines, persona, max(60, wanted // 2))
    return Webshop(sales, parcels, lines, _units(lines))


def _lines(rng: np.random.Generator, parcels: Frame, content: Array, products: Frame, persona: Persona) -> Frame:
    n_lines = np.array([len(rows) for _, rows in _CONTENTS])[content]
    n_rmas = np.array([max(r for r, _, _ in rows) + 1 for _, rows in _CONTENTS])[content]
    parcel = np.repeat(np.arange(len(content)), n_lines)
    position = np.arange(len(parcel)) - np.repeat(np.cumsum(n_lines) - n_lines, n_lines)
    table = np.zeros((len(_CONTENTS), 3, 3), dtype=np.int64)
    for number, (_, rows) in enumerate(_CONTENTS):
        table[number, : len(rows)] = rows
    offset, line, quantity = table[content[parcel], position].T
    rma = (np.cumsum(n_rmas) - n_rmas)[parcel] + offset
    n = len(parcel)
    product = rng.choice(size(products), n, p=products["popularity"])
    # another variant of the style on the line before: tried on, and both sent back
    bracket = (line > 1) & (rng.random(n) < persona.bracketing * 2)
    variants = len(persona.variants)
    before = np.roll(product, 1)
    product = np.where(bracket, before // variants * variants + (before + 1) % variants, product)
    flows = persona.flows
    flow = parcels["flow"][parcel]
    asked_or_sold = np.array([f.is_asked or f.is_sold for f in flows])[flow]
    return {
        "rma_id": np.char.add(np.where(asked_or_sold, "RMA-", "BLD-"), np.char.mod("%07d", 1_000_001 + rma)),
        "rma_line": line.astype("U1"),
        "rma": rma,
        "parcel": parcel,
        "quantity": quantity,
        "product": product,
        "return_type": np.array([f.return_type for f in flows])[flow],
        "is_sold": np.array([f.is_sold for f in flows])[flow],
        "is_asked": np.array([f.is_asked for f in flows])[flow],
    }


def _irregular(rng: np.random.Generator, lines: Frame, parcels: Frame, products: Frame) -> None:
    """Lines that arrive short, over, or as another article; ``received_quantity`` UNKNOWN: the line as it is told."""
    n = size(lines)
    arrived = ~np.isnat(parcels["received_at"])[lines["parcel"]]
    received = np.full(n, UNKNOWN)
    several = rng.permutation(np.flatnonzero(arrived & lines["is_asked"] & (lines["quantity"] > 1)))
    count = max(2, len(several) // 25)
    short, over = several[:count], several[count : count + max(2, count // 2)]
    received[short] = lines["quantity"][short] - 1
    received[over] = lines["quantity"][over] + 1
    told = np.flatnonzero(arrived & (received == UNKNOWN) & (rng.random(n) < 0.3))
    received[told] = lines["quantity"][told]
    lines["received_quantity"] = received
    singles = np.flatnonzero(arrived & lines["is_sold"] & lines["is_asked"] & (lines["quantity"] == 1))
    wrong = rng.choice(singles, max(2, len(singles) // 250), replace=False)
    lines["received_product"] = np.full(n, -1)
    lines["received_product"][wrong] = (lines["product"][wrong] + 1 + rng.integers(0, 7, len(wrong))) % size(products)


def _kept(rng: np.random.Generator, lines: Frame, parcels: Frame, persona: Persona) -> None:
    """Some small cheap returns are not worth their freight: the customer keeps the goods, nothing is sent."""
    cheap = np.array([g.low_cost <= 28 for g in persona.goods])[lines["product"] // len(persona.variants)]
    alone = (counted(size(parcels), lines["parcel"], lines["quantity"]) == 1)[lines["parcel"]]
    wanted = alone & cheap & lines["is_sold"] & lines["is_asked"] & (lines["received_product"] < 0)
    wanted &= np.isin(lines["return_type"], ["CUSTOMER_RETURN", "EXCHANGE"]) & (rng.random(size(lines)) < persona.kept)
    wanted &= parcels["authorised_at"][lines["parcel"]] >= START  # closed at once: not before the year begins
    kept = lines["parcel"][wanted]
    parcels["fate"][kept] = "KEPT"
    for column in ("first_scan_at", "delivered_at", "promised_at", "received_at", "refused_at", "label_at"):
        parcels[column][kept] = NAT
    for column in ("tracking_number", "carrier", "refund_status", "duty_treatment"):
        parcels[column][kept] = ""
    for column in ("label_e4", "billed_mg"):
        parcels[column][kept] = UNKNOWN
    lines["received_quantity"][wanted] = UNKNOWN


def _identify(rng: np.random.Generator, lines: Frame, parcels: Frame, products: Frame, persona: Persona) -> None:
    """Plates, serial and lot numbers, expiry days and contracts, where the goods or the return have them."""
    n = size(lines)
    category, single = products["category"][lines["product"]], lines["quantity"] == 1
    arrived = ~np.isnat(parcels["received_at"])[lines["parcel"]]
    # two lines of one authorisation may not share a plate
    plated = single & (lines["rma_line"] == "1") & arrived & (rng.random(n) < 0.1)
    lines["lpn"] = np.where(plated, np.char.mod("WL%08d", lines["rma"]), "")
    serial = np.char.mod("SN%09d", 410_000_000 + np.arange(n) * 7)
    lines["serial_number"] = np.where(single & np.isin(category, persona.serials), serial, "")
    lotted = np.isin(category, persona.lots)
    lines["lot_number"] = np.where(lotted, np.char.mod("L%05d", rng.integers(20_000, 20_400, n)), "")
    begun = parcels["received_at"][lines["parcel"]]
    begun = np.where(np.isnat(begun), parcels["authorised_at"][lines["parcel"]], begun).astype("datetime64[D]")
    lines["expires_at"] = np.where(lotted, begun + rng.integers(-40, 700, n), _NO_DAY)
    ends = lines["return_type"] == "OFF_CONTRACT"
    lines["contract_id"] = np.where(ends, np.char.mod("LSE-%05d", rng.integers(10_000, 10_000 + n, n)), "")
    lines["contract_ends_at"] = np.where(ends, begun - rng.integers(-10, 45, n), _NO_DAY)


def _returned_again(lines: Frame, parcels: Frame) -> None:
    """Some serial numbers come back under another authorisation, months after they were sold again.

    ``is_first_return`` marks the earlier line of each pair: what came back first must have been sold on.
    """
    received, requested = parcels["received_at"][lines["parcel"]], parcels["requested_at"][lines["parcel"]]
    plain = (lines["serial_number"] != "") & lines["is_sold"] & (lines["received_product"] < 0)
    plain &= np.isin(lines["return_type"], ["CUSTOMER_RETURN", "WARRANTY"])
    early = np.flatnonzero(plain & (received < CUTOFF - 2 * _AGAIN_AFTER))[::40]
    late = np.flatnonzero(plain & (requested > CUTOFF - _AGAIN_AFTER + 10 * DAY))[: len(early)]
    early = early[: len(late)]
    lines["serial_number"][late] = lines["serial_number"][early]
    lines["product"][late] = lines["product"][early]
    lines["is_first_return"] = np.isin(np.arange(size(lines)), early)


def _reasons(
    rng: np.random.Generator, lines: Frame, parcels: Frame, products: Frame, persona: Persona
) -> tuple[Array, Array]:
    n = size(lines)
    reason, defect = np.full(n, "", dtype=TEXT), np.full(n, "", dtype=TEXT)
    flow, category = parcels["flow"][lines["parcel"]], products["category"][lines["product"]]
    for number, kind in enumerate(persona.flows):
        for name in [""] if kind.reasons else persona.reasons:
            rows = np.flatnonzero((flow == number) & ((category == name) | (name == "")))
            reason[rows] = choose(rng, len(rows), kind.reasons or persona.reasons[name])
    odd = rng.choice(np.flatnonzero(lines["return_type"] == "CUSTOMER_RETURN"), max(3, n // 400), replace=False)
    # a row carries one defect
    odd = odd[(lines["received_product"][odd] < 0) & (lines["received_quantity"][odd] <= lines["quantity"][odd])]
    reason[odd] = rng.choice(reasons.UNMAPPED, len(odd))
    defect[odd] = "unmapped_reason"
    return reason, defect


def _sales(rng: np.random.Generator, parcels: Frame, lines: Frame, persona: Persona, customers: int) -> Frame:
    """The order lines behind the return lines; adds order_id and order_line (as the return names it) to the lines."""
    n = size(lines)
    rma, parcel, behind = lines["rma"], lines["parcel"], lines["is_sold"]
    n_rmas = int(rma.max()) + 1
    before = later(rng, np.zeros(n_rmas, "datetime64[s]"), 2.0, 16, 4 * DAY).astype(np.int64)[rma]
    known_at = parcels["requested_at"][parcel]
    known_at = np.where(np.isnat(known_at), parcels["authorised_at"][parcel], known_at)
    known_at = np.where(np.isnat(known_at), CUTOFF, known_at)
    ordered = np.maximum(known_at - before, FX_FIRST.astype("datetime64[s]") + DAY)
    single = counted(n_rmas, rma)[rma] == 1
    twin = behind & single & (rng.random(n) < 0.02)  # the same SKU stands on two lines of the order
    missing = behind & (rng.random(n) < 0.006)  # sold before the export begins
    named = np.where(twin, rng.random(n) < 0.5, rng.random(n) < 0.6)
    _, which, times = np.unique(rma * 100_000 + lines["product"], return_inverse=True, return_counts=True)
    named |= times[which] > 1  # an order with one SKU on two of its lines is always told which
    order_id = np.char.mod("W%07d", 2_000_001 + rma)
    line = np.where(twin, "2", lines["rma_line"])
    told = np.where(missing, np.char.replace(order_id, "W2", "V2"), order_id)
    lines["order_id"] = np.where(behind, told, "")
    lines["order"] = np.where(behind & ~missing, rma, -1)
    lines["order_line"] = np.where(behind & named & ~missing, line, "")
    lines["customer_ref"] = np.where(behind, np.char.mod("C%06d", (rma * 7919) % customers), "")
    shipped = np.minimum(later(rng, ordered, 2.0, 1.2), known_at - DAY)
    delivered = shipped + np.rint((known_at - shipped).astype(np.int64) * rng.uniform(0.2, 0.9, n)).astype(np.int64)
    sold: Frame = {
        "order": rma,
        "order_id": order_id,
        "order_line": line,
        "ordered_at": ordered,
        "shipped_at": shipped,
        "delivered_at": np.where(lines["return_type"] == "UNDELIVERABLE", NAT, delivered),
        "product": lines["product"],
        "quantity": np.maximum(lines["quantity"], lines["received_quantity"]) + (rng.random(n) < 0.2),
        "currency": parcels["currency"][parcel],
        "unit_landed_e4": np.where(rng.random(n) < 0.03, rng.integers(80_000, 900_000, n), UNKNOWN),
        "channel": np.full(n, "WEBSHOP"),
        "ship_to_country": parcels["country"][parcel],
        "customer_ref": lines["customer_ref"],
    }
    sibling = take(sold, twin)
    sibling["order_line"] = np.full(int(twin.sum()), "1")
    sibling["unit_landed_e4"] = rng.integers(80_000, 900_000, int(twin.sum()))
    # a second variant of the style that the customer keeps
    tried = behind & (lines["rma_line"] == "1") & (rng.random(n) < persona.bracketing / 2)
    variant = take(sold, tried & ~missing)
    variants = len(persona.variants)
    variant["product"] = variant["product"] // variants * variants + (variant["product"] + 3) % variants
    variant["order_line"] = np.full(size(variant), "7")
    variant["quantity"] = np.ones(size(variant), np.int64)
    return concat([take(sold, behind & ~missing), sibling, variant])


def _units(lines: Frame) -> Frame:
    quantity = np.maximum(lines["quantity"], lines["received_quantity"])
    line = np.repeat(np.arange(size(lines)), quantity)
    first = np.repeat(np.cumsum(quantity) - quantity, quantity)
    return {"line": line, "unit_ordinal": np.arange(len(line)) - first + 1}


def other_sales(rng: np.random.Generator, n: int, products: Frame, persona: Persona, customers: int) -> Frame:
    """Order lines of which nothing came back."""
    seconds = int((FX_LAST - FX_FIRST) / np.timedelta64(1, "s"))
    ordered: Array = FX_FIRST.astype("datetime64[s]") + np.sort(rng.integers(0, seconds, n))
    lane = rng.choice(len(persona.lanes), n, p=normal([lane.share for lane in persona.lanes]))
    shipped = later(rng, ordered, 2.0, 1.2)
    return {
        "order": _OTHER_ORDERS + np.arange(n),
        "order_id": np.char.mod("W%07d", 5_000_001 + np.arange(n)),
        "order_line": np.full(n, "1"),
        "ordered_at": ordered,
        "shipped_at": shipped,
        "delivered_at": later(rng, shipped, 2.0, 2.5),
        "product": rng.choice(size(products), n, p=products["popularity"]),
        "quantity": rng.choice([1, 2, 3], n, p=[0.8, 0.15, 0.05]),
        "currency": np.array([lane.currency for lane in persona.lanes])[lane],
        "unit_landed_e4": np.full(n, UNKNOWN),
        "channel": np.full(n, "WEBSHOP"),
        "ship_to_country": np.array([lane.country for lane in persona.lanes])[lane],
        "customer_ref": np.char.mod("C%06d", rng.integers(0, customers, n)),
    }
