"""The one kind of error that people are shown, and how it says what is wrong with a file of theirs."""

from __future__ import annotations

from typing import ClassVar

from pydantic import ValidationError


class Explained(Exception):
    """Something a person can act on: the message says what is wrong, where, and what to do; shown without a traceback.

    Waiting does not mend it, unless ``is_transient`` says so: only then is it worth trying again.
    """

    is_transient: ClassVar[bool] = False


def readable(error: ValidationError) -> str:
    """Pydantic's findings as one line each, without its addresses and repeated input."""
    return "; ".join(
        f"{'.'.join(str(part) for part in item['loc']) or 'file'}: {item['msg']}"
        for item in error.errors(include_url=False)
    )
