"""What the business sells: what it costs landed and weighs, who supplies it; and the exchange rates of the time."""

from __future__ import annotations

import numpy as np

from simulator.exact import ONE_E8, TEXT, UNKNOWN, Array, Frame, concat, take
from simulator.personas import Persona

# CAD for a hundred of each currency, roughly: for prices that need no exactness
PER_HUNDRED = {"CAD": 100, "USD": 137, "EUR": 152}
FX_FIRST, FX_LAST = np.datetime64("2025-06-01", "D"), np.datetime64("2026-09-30", "D")
FIRST_PRICES = np.datetime64("2024-01-01", "D")
VENDORS = 9
MARKUP = 1.9  # selling price over landed cost


def in_currency(cad_cents: Array, currency: Array) -> Array:
    """About the same amount in whole cents of each row's currency."""
    per_hundred = np.full(len(cad_cents), 100, dtype=np.int64)
    for code, cad in PER_HUNDRED.items():
        per_hundred[currency == code] = cad
    cents: Array = cad_cents * 100 // per_hundred
    return cents


def draw_products(rng: np.random.Generator, persona: Persona) -> Frame:
    """One row per SKU: bilingual names, category, material, supplier, and its share of the demand (``popularity``).

    ``in_wms``: the warehouse system is its item master, which knows no style, brand, supplier or list price; the others
    stand in the shop's own product file.
    """
    goods, variants = persona.goods, persona.variants
    n = len(goods) * len(variants)
    good, variant = np.divmod(np.arange(n), len(variants))
    popularity = 1.0 / (1.0 + rng.permutation(n) / 12.0)

    def of_good(field: str) -> Array:
        return np.array([getattr(g, field) for g in goods])[good]

    def named(field: str, language: int) -> Array:
        return np.array(
            [f"{getattr(goods[g], field)}, {variants[v][language]}" for g, v in zip(good, variant, strict=True)]
        )

    category = of_good("category")
    vendor = rng.integers(1, VENDORS + 1, len(goods))[good]
    in_wms = (good + variant) % 4 == 1
    return {
        "sku": np.array([f"{c[:2]}-{g:02d}{v + 1:02d}" for c, g, v in zip(category, good, variant, strict=True)]),
        "category": category,
        "name_en": named("name_en", 0),
        "name_fr": named("name_fr", 1),
        "material": of_good("material"),
        "hs_code": of_good("hs_code"),
        "regulation_class": np.where(in_wms, "", of_good("regulation_class")),
        "is_resale_allowed": of_good("is_resale_allowed"),
        "in_wms": in_wms,
        "style_id": np.where(in_wms, "", np.char.mod("ST-%03d", 101 + good)),
        "style": good,
        "brand": np.where(in_wms, "", np.array(["Nordet", "Boréal", "Rivière"])[good % 3]),
        "vendor": np.where(in_wms, -1, vendor),
        "asin": np.char.mod("B0%08d", 10_000_000 + np.sort(rng.choice(80_000_000, n, replace=False))),
        "popularity": popularity / popularity.sum(),
        "good": good,
    }


def draw_items(rng: np.random.Generator, products: Frame, persona: Persona) -> Frame:
    """One row per SKU and effective date: landed cost and gross weight, some not known, some changed in the year."""
    n = len(products["sku"])
    low_cost, high_cost, low_kg, high_kg = (
        np.array([getattr(g, field) for g in persona.goods])[products["good"]]
        for field in ("low_cost", "high_cost", "low_kg", "high_kg")
    )
    currency = np.where(rng.random(n) < 0.15, "USD", "CAD")
    cad_cents = np.rint(100 * (low_cost + (high_cost - low_cost) * rng.beta(1.6, 2.4, n))).astype(np.int64)
    unit_cost = in_currency(cad_cents, currency) * 100 + rng.integers(0, 100, n)
    weight = np.rint((low_kg + (high_kg - low_kg) * rng.random(n)) * 1000).astype(np.int64) * 1000
    order = rng.permutation(n)
    weight[order[: max(1, round(n * 0.03))]] = UNKNOWN
    unit_cost[order[-max(1, round(n * 0.01)) :]] = UNKNOWN
    list_price = in_currency(cad_cents, currency) * rng.integers(205, 260, n) // 100 * 100
    first: Frame = {
        "product": np.arange(n),
        "effective_from": np.full(n, FIRST_PRICES),
        "unit_cost_e4": unit_cost,
        "currency": currency,
        "list_price_e4": np.where(products["in_wms"] | (rng.random(n) < 0.05), UNKNOWN, list_price),
        "weight_mg": weight,
        "updated_at": np.full(n, np.datetime64("2025-01-06T14:00:00", "s")),
    }
    # the warehouse system always has some news
    changed = np.flatnonzero((rng.random(n) < 0.2) | (np.cumsum(products["in_wms"]) == 3))
    day = np.datetime64("2025-09-15", "D") + rng.integers(0, 300, len(changed))
    second = take(first, changed)
    second["effective_from"] = day
    new_cost = unit_cost[changed] * rng.integers(88, 119, len(changed)) // 100
    second["unit_cost_e4"] = np.where(unit_cost[changed] == UNKNOWN, UNKNOWN, new_cost)
    new_weight = np.where(rng.random(len(changed)) < 0.4, weight[changed] * 21 // 20, weight[changed])
    second["weight_mg"] = np.where(weight[changed] == UNKNOWN, UNKNOWN, new_weight)
    second["updated_at"] = day.astype("datetime64[s]") - np.timedelta64(5, "D") + np.timedelta64(15, "h")
    return concat([first, second])


def draw_vendor_terms(rng: np.random.Generator) -> Frame:
    """One row per supplier and effective date; one supplier has no terms, one only from March 2026."""
    vendor = np.arange(1, VENDORS)
    begins = np.where(vendor == VENDORS - 1, np.datetime64("2026-03-01", "D"), FIRST_PRICES)
    first: Frame = {
        "vendor": vendor,
        "effective_from": begins,
        "return_window_days": rng.choice([30, 45, 60, 90], len(vendor)),
        "credit_share_e4": rng.integers(60, 101, len(vendor)) * 100,
        # a third takes back unsold goods as well; some only what is defective; the others do not say
        "reason_families": np.where(
            vendor % 3 == 0, "DEFECT|QUALITY|UNSOLD", np.where(vendor % 5 == 2, "DEFECT", "")
        ).astype(TEXT),
    }
    better = take(first, vendor % 4 == 1)
    better["effective_from"] = np.full(len(better["vendor"]), np.datetime64("2026-01-01", "D"))
    better["return_window_days"] = better["return_window_days"] + 30
    return concat([first, better])


def draw_rates(rng: np.random.Generator) -> Frame:
    """One row per currency and day (weekends too): CAD for one unit of it, 6 decimals held as 8."""
    days = np.arange(FX_FIRST, FX_LAST + 1)
    parts: list[Frame] = []
    for code, middle in (("EUR", 1.52), ("USD", 1.37)):
        wave = middle + 0.03 * np.sin(np.arange(len(days)) / 60) + np.cumsum(rng.normal(0, 0.0012, len(days)))
        micro = np.rint(np.clip(wave, middle - 0.09, middle + 0.09) * 1_000_000).astype(np.int64)
        parts.append({"currency": np.full(len(days), code), "day": days, "rate_e8": micro * (ONE_E8 // 1_000_000)})
    return concat(parts)
