"""Who bears what no single unit caused: parcels, lots and return centres share their amounts over their units."""

from __future__ import annotations

import numpy as np

from simulator.exact import UNKNOWN, Array, Frame, concat, counted, members, share_out, size, take
from simulator.world import World

MASS, VALUE, MINUTES, EQUALLY = range(4)  # what an amount is shared by (column ``driver``)
_OBJECTS = ["lot", "object_id", "is_pool", "driver"]


def shared(world: World, units: Frame, records: Frame, amount: str, at: Array) -> Frame:
    """The records by unit: one row per record that names a unit or that nobody bears (unit -1), else one per share.

    ``units`` is the ledger, ``amount`` the column in whole cents that is shared, ``at`` when the record was posted. A
    parcel and a lot share over their units, a return centre over the units it received in that month. ``driver``: MASS
    where all its units have one, else VALUE (landed cost) where all have one, else EQUALLY; MINUTES of inspection,
    equally where nobody has any.
    """
    group_of, groups = _groups(world, records, at)
    asked, unit = members(group_of["group"], groups)
    unit = group_of["unit"][unit]
    by_group = counted(len(groups), asked) > 0
    alone = take(records, np.flatnonzero(~by_group))  # direct, or unallocated
    record, charge = np.flatnonzero(by_group), np.cumsum(by_group) - 1
    asked = charge[asked]
    cents, odd = np.divmod(np.abs(records[amount][record]), 100)
    if np.any(odd):
        raise ArithmeticError("an amount to be shared is not in whole cents")
    driver = _weights(world, units, records["driver"][record], asked, unit)
    parts = share_out(cents, asked, unit, driver, world.units["rank"]) * np.sign(records[amount][record])[asked] * 100
    shares = {**take(records, record[asked]), "unit": unit.astype(records["unit"].dtype), amount: parts}
    return concat([{c: part[c] for c in records if c not in _OBJECTS} for part in (alone, shares)])


def _groups(world: World, records: Frame, at: Array) -> tuple[Frame, Array]:
    """(unit and group of every membership, sorted by neither; group asked by each record or -1)."""
    units = world.units
    n_parcels, n_lots = size(world.parcels), size(world.lots)
    nodes = np.unique(units["node_id"])
    here = np.flatnonzero((units["parcel"] >= 0) & ~np.isnat(units["received_at"]))

    def pool(node: Array, when: Array) -> Array:
        place = np.minimum(np.searchsorted(nodes, node), len(nodes) - 1)
        month = when.astype("datetime64[M]").astype(np.int64)
        known = nodes[place] == node
        return np.where(known, n_parcels + n_lots + place * 10_000 + month, -1)

    every = np.arange(size(units))
    membership = concat([
        {"unit": every, "group": units["parcel"]},
        {"unit": every, "group": np.where(world.final["lot"] >= 0, world.final["lot"] + n_parcels, -1)},
        {"unit": here, "group": pool(units["node_id"][here], units["received_at"][here])},
    ])  # fmt: skip
    group = np.where(records["parcel"] >= 0, records["parcel"], -1)
    group = np.where(records["lot"] >= 0, records["lot"] + n_parcels, group)
    by_node = records["is_pool"]
    group = np.where(by_node, pool(records["object_id"], at), group)
    return membership, group


def _weights(world: World, units: Frame, driver: Array, asked: Array, unit: Array) -> Array:
    n = len(driver)

    def all_known(values: Array) -> Array:
        complete: Array = (counted(n, asked, (values[unit] == UNKNOWN).astype(np.int64)) == 0)[asked]
        return complete

    mass, landed = units["unit_mass_mg"], units["landed_cost_reporting_e4"]
    spent = world.inspections["minutes_e4"]
    minutes = counted(size(units), world.inspections["unit"], np.where(spent == UNKNOWN, 0, spent))
    by_value = np.where(all_known(landed), landed[unit], 1)
    by_mass = np.where(all_known(mass), mass[unit], by_value)
    chosen: Array = np.select(
        [(driver == MASS)[asked], (driver == VALUE)[asked], (driver == MINUTES)[asked]],
        [by_mass, by_value, minutes[unit]],
        1,
    )
    return chosen
