"""Lines counted and found by windows of a file, against the positions of all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import opening
from ingestion.readers import plain as module
from ingestion.readers.plain import plain
from ingestion.readers.structure import bounds

SIZE = 8


@pytest.fixture(scope="module", autouse=True)
def small_windows():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "WINDOW", SIZE)
        patch.setattr(module, "WINDOW", SIZE)
        yield


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("plain") / "text"


def lines_of(data: bytes) -> list[str]:
    starts, ends = bounds(np.frombuffer(data, np.uint8), None)
    return [data[start:end].decode() for start, end in zip(starts, ends, strict=True)]


@given(st.lists(st.text("ab,", max_size=SIZE - 2), max_size=30), st.booleans())
def test_every_line_is_counted_and_found_whatever_windows_it_lies_in(file, lines, is_closed):
    data = ("\n".join(lines) + "\n" * is_closed).encode()
    file.write_bytes(data)
    found = plain(file)
    assert found is not None
    assert found.records == len(lines_of(data))
    assert found.texts(np.arange(found.records)) == lines_of(data)
    assert found.texts(np.arange(1, found.records, 3)) == lines_of(data)[1::3]


@pytest.mark.parametrize(
    "data",
    [
        b'a,b\n1,"2"\n',
        b"a,b\n1,\n",
        b"a,b\n1,2\n3,",
        b"abcdef,\n",
        b"abcdefg,\nx\n",
        b"a\n" + b"x" * (2 * SIZE) + b"\n",
    ],
    ids=["quote", "open-line", "open-end", "open-in-its-window", "open-over-two-windows", "fills-a-window"],
)
def test_what_has_to_be_looked_at_closer_is_left_to_others(file, data):
    file.write_bytes(data)
    assert plain(file, ",", '"') is None


@given(st.lists(st.text("ab,", max_size=SIZE - 2), max_size=30))
def test_a_line_that_ends_in_the_delimiter_is_never_missed(file, lines):
    file.write_bytes("\n".join(lines).encode())
    assert (plain(file, ",", '"') is None) == any(line.endswith(",") for line in lines)
