"""The true measures of ``cost.yml``: what the returns cost."""

from __future__ import annotations

import numpy as np

from simulator.categories import FREIGHT, among
from simulator.exact import NAT, Array, counted, size
from simulator.kpis.base import Book, Facts, first_of


def tell(facts: Facts, book: Book) -> None:
    """Adds every measure of cost to the book."""
    costs, trc = facts.costs, facts.costs["is_trc"]
    book.add("COST_POSTED", costs["posted_at"][trc], costs["amount_reporting_e4"][trc], 4)
    lines = trc & (costs["amount_e4"] != 0)
    book.add("COST_LINES_POSTED", costs["posted_at"][lines])
    book.add("COST_LINES_COUNTED", costs["posted_at"][lines])
    _received(facts, book)
    _closed(facts, book)
    _labour(facts, book)
    _parcels(facts, book)


def _received(facts: Facts, book: Book) -> None:
    units, costs, received = facts.units, facts.costs, facts.units["received_at"]

    def of(measure: str, mask: Array, values: Array) -> None:
        book.add(measure, received[mask], values[mask], 4)

    every = np.ones(facts.n, bool)
    of("COST_OF_RECEIVED", every, facts.trc)
    of("COST_UNPLANNED_OF_RECEIVED", every, facts.cost_of(costs["is_trc"] & ~costs["is_planned"]))
    in_parcel, authorised = units["tracking_number"] != "", ~np.isnat(units["authorised_at"])
    # an unasked-for unit in an authorised box came under that authorisation all the same
    authorised |= facts.world.units["is_over"]
    of("COST_OF_RECEIVED_PARCELS", in_parcel, facts.trc)
    of("COST_OF_RECEIVED_RMAS", authorised, facts.trc)
    of("COST_OF_RECEIVED_PRICED", facts.is_priced, facts.trc)
    of("PRICE_OF_RECEIVED", facts.is_priced, facts.price)
    book.add("UNITS_RECEIVED_COSTED", received[facts.is_costed])
    book.add("PARCELS_RECEIVED", first_of(units["tracking_number"], received)[1])
    book.add("RMAS_RECEIVED", first_of(np.where(authorised, units["rma_id"], ""), received)[1])
    duty = facts.cost_of(among(costs["category"], "DUTY_IN", "BRK"))
    crossed = facts.world.units["crosses"] & in_parcel
    given_back = facts.recovered(among(facts.recoveries["category"], "REC_DBK"))
    of("NET_DUTY_OF_CROSSED", crossed, duty - given_back)
    book.add("UNITS_CROSSED", received[crossed])
    book.add("UNITS_RECEIVED_LOCATED", received[in_parcel])


def _closed(facts: Facts, book: Book) -> None:
    executed, valued = facts.units["executed_at"], facts.is_valued
    whole = facts.trc + facts.write_down
    book.add("COST_OF_CLOSED", executed, whole, 4)
    book.add("NET_COST_OF_CLOSED", executed, whole - facts.fees - facts.credits, 4)
    back = facts.fees + facts.proceeds + facts.credits
    at = executed[valued]
    spent = facts.trc - facts.given_away + np.where(facts.is_owned, facts.landed, 0)
    book.add("NET_COST_OF_CLOSED_BY_PROCEEDS", at, (spent - back)[valued], 4)
    book.add("RECOVERY_AND_INCOME_OF_CLOSED", at, back[valued], 4)
    book.add("COST_AND_LANDED_OF_CLOSED", at, spent[valued], 4)
    book.add("UNITS_CLOSED_COSTED", executed[facts.is_costed])


def _labour(facts: Facts, book: Book) -> None:
    shifts = facts.world.shifts
    at = shifts["day"].astype("datetime64[s]")
    book.add("LABOUR_WORKED_MINUTES", at, shifts["worked_minutes_e4"], 4)
    book.add("LABOUR_PAID_MINUTES", at, shifts["paid_minutes_e4"], 4)
    temporary = shifts["is_temporary"] == "true"
    book.add("LABOUR_TEMPORARY_MINUTES", at[temporary], shifts["paid_minutes_e4"][temporary], 4)
    book.add("LABOUR_UNITS", at, shifts["unit_count"])


def _parcels(facts: Facts, book: Book) -> None:
    parcels, costs = facts.world.parcels, facts.costs
    freight = among(costs["category"], *FREIGHT) & (costs["parcel"] >= 0)
    of_parcel = counted(size(parcels), costs["parcel"][freight], costs["amount_reporting_e4"][freight])
    charged = counted(size(parcels), costs["parcel"][freight]) > 0
    first_scan = parcels["first_scan_at"]
    weighed = charged & (parcels["billed_mg"] >= 0)
    book.add("FREIGHT_OF_WEIGHED_PARCELS", first_scan[weighed], of_parcel[weighed], 4)
    book.add("PARCEL_BILLED_KG", first_scan[weighed], parcels["billed_mg"][weighed], 6)
    book.add("FREIGHT_OF_PARCELS", first_scan[charged], of_parcel[charged], 4)
    book.add("PARCELS_CHARGED", np.where(charged, first_scan, NAT))
    book.add("PARCELS_CHARGED_WEIGHED", first_scan[weighed])
