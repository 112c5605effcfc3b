"""The one kind of error that people are shown."""

from __future__ import annotations

from typing import ClassVar


class Explained(Exception):
    """Something a person can act on: the message says what is wrong, where, and what to do; shown without a traceback.

    Waiting does not mend it, unless ``is_transient`` says so: only then is it worth trying again.
    """

    is_transient: ClassVar[bool] = False
