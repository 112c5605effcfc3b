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

Array = npt.NDArray[Any]
Frame = dict[str, Array]

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


def to_reporting(amount_e4: Array, rate_e8: Array) -> Array:
    """Amounts in CAD, 1/10000, each rounded half away from zero."""
    product = amount_e4.astype(np.int64) * rate_e8.astype(np.int64)
    rounded: Array = np.sign(product) * ((np.abs(product) + ONE_E8 // 2) // ONE_E8)
    return rounded


def rate_e8(fx: Frame, at: Array, currency: Array) -> Array:
    """Units of CAD for one unit of ``currency`` on the UTC day of ``at``; 1 for CAD. IndexError outside the table."""
    offset = (at.astype("datetime64[D]") - fx["day"][0]).astype(np.int64)
    foreign = currency != REPORTING
    if np.any(foreign & ((offset < 0) | (offset >= size(fx)))):
        raise IndexError("a foreign amount lies outside the days of the exchange rate table")
    rates: Array = np.where(foreign, fx["rate_e8"][np.where(foreign, offset, 0)], ONE_E8)
    return rates


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
        elif values.dtype.kind in "UO":
            words = values.astype(object)
            columns[name] = pa.array(words, mask=words == "", type=pa.string())
        else:
            columns[name] = pa.array(values)
    return pa.table(columns)
