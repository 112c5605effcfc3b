"""Plain text of records, a line each: counted, and found again, by windows of the file, so that memory stays flat.

Most files have no quote and no line of megabytes. Of those nothing need be known but how many records there are, and
where the few stand whose text quarantine shows.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingestion.opening import WINDOW, Bytes, windows
from ingestion.readers.structure import Positions

LINE_FEED = 10


@dataclass(frozen=True)
class Plain:
    """The lines of a file that are not blank; ``begun`` counts those that begin before each window, and in all."""

    path: Path
    begun: list[int]

    @property
    def records(self) -> int:
        return self.begun[-1]

    def texts(self, positions: Positions) -> list[str]:
        """The lines at these positions (0-based, rising)."""
        found = []
        with self.path.open("rb") as file:
            here, starts = -1, np.empty(0, np.int64)
            for position in positions.tolist():
                window = bisect_right(self.begun, position) - 1
                if window != here:
                    here, starts = window, self._starts(window)
                file.seek(int(starts[position - self.begun[window]]))
                found.append(file.readline().removesuffix(b"\n").decode("utf-8"))
        return found

    def _starts(self, window: int) -> Positions:
        """Where the lines begin that begin in a window."""
        first = max(window * WINDOW - 1, 0)
        data = np.fromfile(self.path, np.uint8, (window + 1) * WINDOW - first, offset=first)
        is_feed = data == LINE_FEED
        starts = np.flatnonzero(is_feed[:-1] > is_feed[1:]) + first + 1
        return starts if window or is_feed[0] else np.concatenate([[0], starts])


def plain(path: Path, delimiter: str | None = None, quote: str | None = None) -> Plain | None:
    """The records of a text, or None for one that has to be looked at closer.

    That is one with a quote, with a line that ends in the delimiter (it may have a field too many), or with one so long
    that it fills a window.
    """
    begun = [0]
    last = LINE_FEED
    for window in windows(path):
        is_feed = window == LINE_FEED
        is_overlong = len(window) == WINDOW and not is_feed.any()
        if is_overlong or (quote and (window == ord(quote)).any()):
            return None
        if delimiter and _ends_in(window, is_feed, last, ord(delimiter)):
            return None
        begins = int(np.count_nonzero(is_feed[:-1] > is_feed[1:])) + bool(last == LINE_FEED and not is_feed[0])
        begun.append(begun[-1] + begins)
        last = int(window[-1])
    return None if delimiter and last == ord(delimiter) else Plain(path, begun)


def _ends_in(window: Bytes, is_feed: np.ndarray, last: int, delimiter: int) -> bool:
    """True when a line that ends in this window ends in the delimiter; ``last`` is the byte before it."""
    return bool((is_feed[1:] & (window[:-1] == delimiter)).any() or (is_feed[0] and last == delimiter))
