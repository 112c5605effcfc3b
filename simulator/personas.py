"""The four businesses: what differs between them is data, the mechanisms are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from simulator import goods
from simulator.goods import Good

Shares = dict[str, float]


class Flow(NamedTuple):
    """One way goods come back. ``reasons`` empty: those of the good's category. ``is_sold``: an order stands behind it.

    ``is_asked``: somebody asked for the return and got a label; otherwise it just arrives.
    """

    return_type: str
    share: float
    reasons: Shares
    is_sold: bool = True
    is_asked: bool = True


class Lane(NamedTuple):
    """From a customer's country to a return centre; amounts of the parcel and the order are in ``currency``."""

    country: str
    node_id: str
    node_country: str
    currency: str
    share: float
    platform_carriers: Shares  # through the label platform (EasyPost)
    account_carriers: Shares  # on an account of one's own, billed by invoice


@dataclass(frozen=True)
class Persona:
    """One business. Shares of a table need not add up to 1; routes are looked up by return type, then by grade.

    ``reasons`` by category (see ``simulator.reasons``); ``sound`` and ``faulty``: grades of goods returned without and
    with a complaint; ``serials``, ``lots``: categories whose units carry a serial number, or a lot and an expiry date.
    """

    code: str
    goods: list[Good]
    variants: list[tuple[str, str]]
    lanes: list[Lane]
    flows: list[Flow]
    reasons: dict[str, Shares]
    sound: Shares
    faulty: Shares
    routes: dict[str, Shares]
    marketplace_share: float
    serials: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    bracketing: float = 0.0  # share of orders with a second variant of a style
    kept: float = 0.12  # share of small cheap returns that the customer may keep


_CA = Lane("CA", "RC-MTL", "CA", "CAD", 0.75, {"CanadaPost": 0.8, "Purolator": 0.2}, {"UPS": 0.6, "FEDEX": 0.4})
_US = Lane("US", "RC-BUF", "US", "USD", 0.17, {"USPS": 1.0}, {"UPS": 0.5, "FEDEX": 0.5})
_US_CA = Lane("US", "RC-MTL", "CA", "USD", 0.08, {"USPS": 1.0}, {"UPS": 0.5, "FEDEX": 0.5})
_EU = Lane("FR", "RC-LIL", "FR", "EUR", 0.14, {"Colissimo": 1.0}, {"DHL": 1.0})
_EU_CA = Lane("FR", "RC-MTL", "CA", "EUR", 0.05, {"Colissimo": 1.0}, {"DHL": 1.0})

_GENERAL = {
    "HOME_IMPROVEMENT": {"UNWANTED": 0.38, "WRONG_ITEM": 0.12, "DAMAGED_TRANSIT": 0.16, "DEFECTIVE": 0.16,
                         "NOT_AS_DESCRIBED": 0.12, "OTHER": 0.06},
    "APPAREL": {"SIZE_TOO_SMALL": 0.30, "SIZE_TOO_LARGE": 0.26, "STYLE": 0.12, "COLOR": 0.06, "UNWANTED": 0.12,
                "NOT_AS_DESCRIBED": 0.08, "DEFECTIVE": 0.04, "QUALITY": 0.02},
    "ELECTRONICS": {"DEFECTIVE": 0.46, "UNWANTED": 0.24, "NOT_AS_DESCRIBED": 0.10, "INCOMPATIBLE": 0.10,
                    "MISSING_PARTS": 0.06, "WRONG_ITEM": 0.04},
    "PARTS": {"DEFECTIVE": 0.5, "INCOMPATIBLE": 0.25, "WRONG_ITEM": 0.15, "QUALITY": 0.1},
    "MEDICINE": {"WRONG_ITEM": 0.4, "DAMAGED_PACK": 0.25, "SHORT_DATED": 0.35},
    "DEVICE": {"DEFECTIVE": 0.35, "WRONG_ITEM": 0.3, "DAMAGED_PACK": 0.2, "UNWANTED": 0.15},
    "SUPPLY": {"UNWANTED": 0.4, "WRONG_ITEM": 0.3, "QUALITY": 0.15, "DAMAGED_TRANSIT": 0.15},
}  # fmt: skip
_SOUND = {"A": 0.58, "B": 0.22, "C": 0.12, "D": 0.05, "E": 0.03}
_FAULTY = {"A": 0.16, "B": 0.18, "C": 0.22, "D": 0.27, "E": 0.17}
_ROUTES: dict[str, Shares] = {
    "A": {"RESTOCK_NEW": 0.84, "RESELL_OPEN_BOX": 0.12, "DONATE": 0.03, "EXCHANGE_REUSE": 0.01},
    "B": {"RESELL_OPEN_BOX": 0.62, "RESTOCK_NEW": 0.13, "DONATE": 0.05, "LIQUIDATE_B2B": 0.18, "REDEPLOY": 0.02},
    "C": {"REFURBISH_RESELL": 0.40, "LIQUIDATE_B2B": 0.28, "DONATE": 0.14, "SALVAGE": 0.05, "RESELL_OPEN_BOX": 0.13},
    "D": {"REFURBISH_RESELL": 0.27, "RETURN_TO_VENDOR": 0.30, "PARTS_HARVEST": 0.16, "RECYCLE": 0.17,
          "REMANUFACTURE": 0.04, "REPURPOSE": 0.03, "REPAIR_RETURN_OWNER": 0.03},
    "E": {"RECYCLE": 0.44, "LANDFILL": 0.24, "PARTS_HARVEST": 0.13, "ENERGY_RECOVERY": 0.08, "DESTROY_CERTIFIED": 0.05,
          "INCINERATE": 0.02, "COMPOST_AD": 0.01, "RETURN_TO_VENDOR": 0.03},
    # what law or brand keeps from being sold again, whatever its state
    "NO_RESALE": {"DESTROY_CERTIFIED": 0.5, "INCINERATE": 0.2, "RETURN_TO_VENDOR": 0.3},
    "UNSOLD": {"LIQUIDATE_B2B": 0.5, "RETURN_TO_VENDOR": 0.15, "DONATE": 0.15, "RESTOCK_NEW": 0.2},
}  # fmt: skip

HOME_IMPROVEMENT = Persona(
    code="home_improvement",
    goods=goods.HOME_IMPROVEMENT + goods.APPAREL + goods.ELECTRONICS,
    variants=goods.COLOURS,
    lanes=[_CA, _US, _US_CA],
    flows=[
        Flow("CUSTOMER_RETURN", 0.80, {}),
        Flow("WARRANTY", 0.07, {"DEFECTIVE": 1.0}),
        Flow("EXCHANGE", 0.03, {}),
        Flow("UNDELIVERABLE", 0.03, {"UNDELIVERABLE": 1.0}, is_asked=False),
        Flow("DAMAGED_IN_TRADE", 0.03, {"DAMAGED_FC": 0.7, "DAMAGED_PACK": 0.3}, is_sold=False),
        Flow("UNSOLD", 0.03, {"EXCESS": 0.6, "SEASON_END": 0.4}, is_sold=False),
        Flow("BLIND", 0.02, {"": 1.0}, is_sold=False, is_asked=False),
    ],
    reasons=_GENERAL, sound=_SOUND, faulty=_FAULTY, routes=_ROUTES, marketplace_share=0.40, serials=("ELECTRONICS",),
)  # fmt: skip
APPAREL = Persona(
    code="apparel",
    goods=goods.APPAREL,
    variants=goods.SIZES,
    lanes=[_CA._replace(share=0.56), _US, _US_CA, _EU, _EU_CA],
    flows=[
        Flow("CUSTOMER_RETURN", 0.60, {}),
        Flow("EXCHANGE", 0.15, {"SIZE_TOO_SMALL": 0.5, "SIZE_TOO_LARGE": 0.4, "COLOR": 0.1}),
        Flow("UNSOLD", 0.08, {"SEASON_END": 0.8, "EXCESS": 0.2}, is_sold=False),
        Flow("END_OF_LIFE", 0.10, {"END_OF_LIFE": 1.0}, is_sold=False),
        Flow("DAMAGED_IN_TRADE", 0.02, {"DAMAGED_FC": 1.0}, is_sold=False),
        Flow("UNDELIVERABLE", 0.03, {"UNDELIVERABLE": 1.0}, is_asked=False),
        Flow("BLIND", 0.02, {"": 1.0}, is_sold=False, is_asked=False),
    ],
    reasons=_GENERAL, sound={"A": 0.7, "B": 0.17, "C": 0.08, "D": 0.03, "E": 0.02},
    faulty={"B": 0.1, "C": 0.3, "D": 0.35, "E": 0.25},
    routes={
        **_ROUTES,
        "END_OF_LIFE": {"RESELL_OPEN_BOX": 0.28, "REPURPOSE": 0.12, "DONATE": 0.15, "RECYCLE": 0.36,
                        "ENERGY_RECOVERY": 0.09},
    },
    marketplace_share=0.20, bracketing=0.18,
)  # fmt: skip
ELECTRONICS = Persona(
    code="electronics",
    goods=goods.ELECTRONICS + goods.MANUFACTURING,
    variants=goods.MODELS,
    lanes=[_CA._replace(share=0.52), _US, _US_CA, _EU, _EU_CA._replace(share=0.09)],
    flows=[
        Flow("CUSTOMER_RETURN", 0.40, {}),
        Flow("WARRANTY", 0.18, {"DEFECTIVE": 1.0}),
        Flow("REPAIR_AND_RETURN", 0.10, {"DEFECTIVE": 0.8, "QUALITY": 0.2}),
        Flow("CORE", 0.08, {"END_OF_LIFE": 1.0}, is_sold=False),
        Flow("TRADE_IN", 0.07, {"END_OF_LIFE": 0.5, "DISCONTINUED": 0.5}, is_sold=False),
        Flow("OFF_CONTRACT", 0.08, {"CONTRACT_END": 1.0}, is_sold=False),
        Flow("UNSOLD", 0.04, {"DISCONTINUED": 0.6, "EXCESS": 0.4}, is_sold=False),
        Flow("UNDELIVERABLE", 0.03, {"UNDELIVERABLE": 1.0}, is_asked=False),
        Flow("BLIND", 0.02, {"": 1.0}, is_sold=False, is_asked=False),
    ],
    reasons=_GENERAL, sound={"A": 0.4, "B": 0.28, "C": 0.18, "D": 0.1, "E": 0.04}, faulty=_FAULTY,
    routes={
        **_ROUTES,
        "CORE": {"REMANUFACTURE": 0.68, "PARTS_HARVEST": 0.18, "RECYCLE": 0.14},
        "REPAIR_AND_RETURN": {"REPAIR_RETURN_OWNER": 0.93, "RECYCLE": 0.07},
        "OFF_CONTRACT": {"REFURBISH_RESELL": 0.52, "REDEPLOY": 0.22, "LIQUIDATE_B2B": 0.16, "RECYCLE": 0.1},
        "TRADE_IN": {"REFURBISH_RESELL": 0.45, "LIQUIDATE_B2B": 0.25, "PARTS_HARVEST": 0.18, "RECYCLE": 0.12},
    },
    marketplace_share=0.20, serials=("ELECTRONICS", "PARTS"), kept=0.06,
)  # fmt: skip
HEALTHCARE = Persona(
    code="healthcare",
    goods=goods.HEALTHCARE,
    variants=goods.PACKS,
    lanes=[_CA._replace(share=0.86), _US._replace(share=0.09), _US_CA._replace(share=0.05)],
    flows=[
        Flow("CUSTOMER_RETURN", 0.36, {}),
        Flow("RECALL", 0.16, {"RECALL": 1.0}),
        Flow("UNSOLD", 0.28, {"EXPIRED": 0.45, "SHORT_DATED": 0.25, "EXCESS": 0.2, "DISCONTINUED": 0.1}, is_sold=False),
        Flow("DAMAGED_IN_TRADE", 0.08, {"DAMAGED_FC": 0.6, "DAMAGED_PACK": 0.4}, is_sold=False),
        Flow("OFF_CONTRACT", 0.06, {"CONTRACT_END": 1.0}, is_sold=False),
        Flow("UNDELIVERABLE", 0.03, {"UNDELIVERABLE": 1.0}, is_asked=False),
        Flow("BLIND", 0.03, {"": 1.0}, is_sold=False, is_asked=False),
    ],
    reasons=_GENERAL, sound={"A": 0.72, "B": 0.14, "C": 0.06, "D": 0.04, "E": 0.04},
    faulty={"A": 0.1, "B": 0.15, "C": 0.2, "D": 0.25, "E": 0.3}, routes=_ROUTES, marketplace_share=0.12,
    lots=("MEDICINE", "DEVICE"), kept=0.03,
)  # fmt: skip

PERSONAS = {persona.code: persona for persona in (HOME_IMPROVEMENT, APPAREL, ELECTRONICS, HEALTHCARE)}


def persona(code: str) -> Persona:
    """The persona of a code. ValueError that names the codes there are."""
    if code not in PERSONAS:
        raise ValueError(f"there is no persona {code!r}; choose one of {', '.join(PERSONAS)}")
    return PERSONAS[code]
