"""What can stop a supervisor."""

from __future__ import annotations

from backhaul.errors import Explained


class CannotRun(Explained):
    """The services cannot start or go on; the message says why and what to do."""


class Stopped(Exception):
    """Somebody asked us to end: Ctrl-C, or a signal."""
