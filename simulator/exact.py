"""Exact numbers in numpy: money, mass and rates are integers whose column suffix names the unit.

``_e4``: 1/10000 of a currency unit; ``_mg``: milligrams (kg with 6 decimals); ``_e8``: a rate with 8 decimals.
Times are ``datetime64[s]`` in UTC (``NaT``: not known), days ``datetime64[D]``. A ``Frame`` is a table: equally long
arrays by column name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Array = npt.NDArray[Any]
Frame = dict[str, Array]

TEXT = np.dtypes.StringDType()  # short texts take 16 bytes a row, whatever the longest of them
UNKNOWN = -1  # no cost, weight or price is ever negative; credits are whole cents, so never -1/10000
NAT = np.datetime64("NaT", "s")
ONE_E8 = 100_000_000
REPORTING = "CAD"
# suffix -> (suffix in Arrow, precision, scale)
_DECIMALS = {"_e4": ("", 18, 4), "_mg": ("_kg", 18, 6), "_e8": ("", 18, 8)}


def size(frame: Frame) -> int:
    """Number of rows."""
    return len(next(iter(frame.values())))


def take(frame: Frame, rows: Array) -> Frame:
    """The given rows (indices or a mask) of every column."""
    return {name: values[rows] for name, values in frame.items()}


def concat(frames: Iterable[Frame]) -> Frame:
    """Frames of equal columns, one below the other."""
    parts = list(frames)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def compact(frame: Frame) -> Frame:
    """The same table with its texts of more than four characters held as TEXT."""
    wide = {name: v.astype(TEXT) for name, v in frame.items() if v.dtype.kind == "U" and v.dtype.itemsize > 16}
    return {**frame, **wide}


def to_reporting(amount_e4: Array, rate_e8: Array) -> Array:
    """Amounts in CAD, 1/10000, each rounded half away from zero."""
    product = amount_e4.astype(np.int64) * rate_e8.astype(np.int64)
    rounded: Array = np.sign(product) * ((np.abs(product) + ONE_E8 // 2) // ONE_E8)
    return rounded


def rate_e8(fx: Frame, at: Array, currency: Array) -> Array:
    """Units of CAD for one unit of ``currency`` on the UTC day of ``at``; 1 for CAD. IndexError outside the table."""
    rates = np.full(len(at), ONE_E8, dtype=np.int64)
    priced = currency == REPORTING
    for code in np.unique(fx["currency"]):
        table = take(fx, fx["currency"] == code)  # one row per day, in order of day
        rows = np.flatnonzero(currency == code)
        offset = (at[rows].astype("datetime64[D]") - table["day"][0]).astype(np.int64)
        if np.any((offset < 0) | (offset >= size(table))):
            raise IndexError("a foreign amount lies outside the days of the exchange rate table")
        rates[rows] = table["rate_e8"][offset]
        priced |= currency == code
    if not priced.all():
        raise IndexError(f"no exchange rate for {sorted(set(currency[~priced].tolist()))}")
    return rates


def share_out(cents: Array, charge: Array, unit: Array, driver: Array, rank: Array) -> Array:
    """Whole cents of each charge shared over its rows by ``driver``: largest remainder, ties to the smaller rank.

    ``charge`` numbers the row's charge, ``driver`` is a weight of at least 0 (a charge whose weights are all 0 is
    shared equally), ``cents`` (one per charge) are not negative. Returns cents per row.
    """
    total = np.zeros(len(cents), np.int64)
    np.add.at(total, charge, driver)
    driver = np.where(total[charge] == 0, 1, driver)
    total = np.zeros(len(cents), np.int64)
    np.add.at(total, charge, driver)
    share, remainder = np.divmod(cents[charge] * driver, total[charge])
    left = cents.copy()
    np.subtract.at(left, charge, share)
    ranked = np.lexsort((rank[unit], -remainder, charge))
    first = np.searchsorted(charge[ranked], np.arange(len(cents)))
    place = np.empty(len(charge), np.int64)
    place[ranked] = np.arange(len(charge)) - first[charge[ranked]]
    whole: Array = share + (place < left[charge])
    return whole


def members(group_of: Array, groups: Array) -> tuple[Array, Array]:
    """(row of ``groups``, unit) for every unit of every asked group; a unit whose group is -1 belongs to none."""
    order = np.argsort(group_of, kind="stable")
    order = order[np.searchsorted(group_of[order], 0) :]
    first = np.searchsorted(group_of[order], groups)
    count = np.searchsorted(group_of[order], groups, side="right") - first
    asked = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(asked)) - np.repeat(np.cumsum(count) - count, count)
    return asked, order[first[asked] + within]


def counted(n: int, rows: Array, weights: Array | None = None) -> Array:
    """Per group 0 to n - 1 the number of its rows, or the exact sum of their integer weights."""
    total = np.zeros(n, np.int64)
    np.add.at(total, rows, 1 if weights is None else weights)
    return total


def text(scaled: int, places: int) -> str:
    """``scaled`` / 10**places as a decimal string with all its places."""
    sign, digits = "-" if scaled < 0 else "", str(abs(int(scaled))).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def decimals(values: Array, precision: int, scale: int, known: Array | None = None) -> pa.Array:
    """Scaled integers as Arrow decimals; null where not ``known`` (by default where UNKNOWN)."""
    low = values.astype(np.int64)
    words = np.stack([low, low >> 63], axis=1)  # little-endian 128 bit: value, then its sign
    valid = np.packbits(low != UNKNOWN if known is None else known, bitorder="little")
    buffers = [pa.py_buffer(valid.tobytes()), pa.py_buffer(words.tobytes())]
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(low), buffers)


def arrow(frame: Frame) -> pa.Table:
    """The frame as Arrow: decimals at their scale (``_mg`` becomes ``_kg``), UNKNOWN, NaT and empty text as null."""
    columns: dict[str, pa.Array] = {}
    for name, values in frame.items():
        scaled = _DECIMALS.get(name[-3:])
        if scaled is not None:
            columns[name[:-3] + scaled[0]] = decimals(values, scaled[1], scaled[2])
        elif values.dtype.kind in "UT":
            words = pa.array(values.astype(TEXT), type=pa.string())
            columns[name] = pc.if_else(pc.equal(words, ""), pa.scalar(None, pa.string()), words)
        else:
            columns[name] = pa.array(values)
    return pa.table(columns)
