"""When what was booked in another currency is paid."""

from __future__ import annotations

import numpy as np

from simulator.calendar import DAY, known
from simulator.exact import NAT, REPORTING, Array

_SOONEST, _SPREAD = 20, 26  # days after booking


def paid_at(booked_at: Array, currency: Array) -> Array:
    """20 to 45 days after the booking, line by line in turn; NaT at home, and where no file knows of it yet."""
    days = _SOONEST + np.arange(len(booked_at)) % _SPREAD
    return known(np.where(currency == REPORTING, NAT, booked_at + days * DAY))
