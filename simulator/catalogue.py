"""What the business sells, what it costs landed, what it weighs, and the exchange rates of the time."""

from __future__ import annotations

import numpy as np

from simulator.exact import ONE_E8, UNKNOWN, Array, Frame, concat

# category, English, French, landed cost from-to (CAD), kilograms from-to, main material, HS code
_GOODS = [
    ("HOME_IMPROVEMENT", "Cordless drill", "Perceuse sans fil", 38, 92, 1.2, 2.6, "STEEL", "846721"),
    ("HOME_IMPROVEMENT", "Shower head", "Pomme de douche", 12, 40, 0.3, 1.1, "BRASS", "848180"),
    ("HOME_IMPROVEMENT", "Ceiling lamp", "Plafonnier à intensité variable", 24, 80, 0.9, 3.4, "GLASS", "940511"),
    ("HOME_IMPROVEMENT", "Wall shelf", "Étagère murale", 15, 48, 1.8, 6.5, "WOOD", "940360"),
    ("HOME_IMPROVEMENT", "Garden hose", "Tuyau d'arrosage renforcé", 14, 42, 1.5, 4.2, "PVC", "391739"),
    ("HOME_IMPROVEMENT", "Brush cutter", "Débroussailleuse à batterie", 85, 160, 3.8, 7.5, "STEEL", "846729"),
    ("HOME_IMPROVEMENT", "Door handle set", "Ensemble de poignées à clé", 16, 55, 0.6, 1.6, "BRASS", "830241"),
    ("HOME_IMPROVEMENT", "Kitchen faucet", "Robinet de cuisine à bec élevé", 45, 120, 1.4, 3.0, "BRASS", "848180"),
    ("HOME_IMPROVEMENT", "Area rug", "Tapis d'intérieur tissé", 32, 95, 3.0, 9.0, "TEXTILE", "570242"),
    ("APPAREL", "Long-sleeve T-shirt", "T-shirt à manches longues", 9, 20, 0.18, 0.35, "COTTON", "610910"),
    ("APPAREL", "Down jacket", "Manteau de duvet léger", 48, 95, 0.6, 1.2, "POLYAMIDE", "620193"),
    ("APPAREL", "Wool sweater", "Chandail de laine mérinos", 24, 52, 0.3, 0.7, "WOOL", "611011"),
    ("APPAREL", "Denim trousers", "Jean coupe décontractée", 18, 38, 0.5, 0.9, "COTTON", "620342"),
    ("APPAREL", "Rain boots", "Bottes de pluie doublées", 22, 45, 0.9, 1.8, "RUBBER", "640192"),
    ("APPAREL", "Summer dress", "Robe d'été à bretelles", 16, 40, 0.2, 0.45, "VISCOSE", "620443"),
    ("APPAREL", "Running shoes", "Souliers de course à pied", 35, 70, 0.5, 0.95, "POLYESTER", "640411"),
    ("APPAREL", "Leather belt", "Ceinture de cuir tressé", 11, 28, 0.2, 0.4, "LEATHER", "420330"),
    ("ELECTRONICS", "Wireless earbuds", "Écouteurs sans fil", 28, 85, 0.08, 0.2, "ABS", "851830"),
    ("ELECTRONICS", "Robot vacuum", "Aspirateur-robot à capteurs", 140, 290, 2.9, 4.6, "ABS", "850811"),
    ("ELECTRONICS", "Espresso machine", "Machine à expresso", 95, 240, 3.8, 7.2, "STEEL", "851671"),
    ("ELECTRONICS", "Bluetooth speaker", "Haut-parleur étanche", 25, 90, 0.4, 1.4, "ABS", "851822"),
    ("ELECTRONICS", "Smart thermostat", "Thermostat connecté à écran", 60, 130, 0.3, 0.6, "ABS", "903210"),
    ("ELECTRONICS", "Air fryer", "Friteuse à air chaud", 52, 110, 3.2, 5.8, "STEEL", "851660"),
    ("ELECTRONICS", "Tablet", "Tablette numérique", 110, 260, 0.4, 0.7, "ALUMINIUM", "847130"),
    ("ELECTRONICS", "Hair dryer", "Sèche-cheveux à ions", 20, 75, 0.5, 0.9, "ABS", "851631"),
]
_VARIANTS = [
    ("black", "noir"), ("white", "blanc"), ("blue", "bleu"), ("grey", "gris foncé"),
    ("red", "rouge"), ("green", "vert forêt"), ("beige", "beige doré"), ("limited edition", "édition limitée"),
]  # fmt: skip
FX_FIRST, FX_LAST = np.datetime64("2025-06-01", "D"), np.datetime64("2026-09-30", "D")
FIRST_PRICES = np.datetime64("2024-01-01", "D")


def draw_products(rng: np.random.Generator) -> Frame:
    """One row per SKU: bilingual names, category, main material, and its share of the demand (``popularity``)."""
    n = len(_GOODS) * len(_VARIANTS)
    good, variant = np.divmod(np.arange(n), len(_VARIANTS))
    popularity = 1.0 / (1.0 + rng.permutation(n) / 12.0)
    goods = list(zip(*_GOODS, strict=True))

    def named(column: int, language: int) -> Array:
        return np.array([f"{_GOODS[g][column]}, {_VARIANTS[v][language]}" for g, v in zip(good, variant, strict=True)])

    category = np.array(goods[0])[good]
    return {
        "sku": np.array([f"{c[:2]}-{g:02d}{v + 1:02d}" for c, g, v in zip(category, good, variant, strict=True)]),
        "category": category,
        "name_en": named(1, 0),
        "name_fr": named(2, 1),
        "material": np.array(goods[7])[good],
        "hs_code": np.array(goods[8])[good],
        "asin": np.char.mod("B0%08d", 10_000_000 + np.sort(rng.choice(80_000_000, n, replace=False))),
        "popularity": popularity / popularity.sum(),
        "good": good,
    }


def draw_items(rng: np.random.Generator, products: Frame) -> Frame:
    """One row per SKU and effective date: landed cost and gross weight, some not known, some changed in the year."""
    n = len(products["sku"])
    low_cost, high_cost, low_kg, high_kg = (np.array(c)[products["good"]] for c in list(zip(*_GOODS, strict=True))[3:7])
    usd = rng.random(n) < 0.15
    cad_cents = np.rint(100 * (low_cost + (high_cost - low_cost) * rng.beta(1.6, 2.4, n))).astype(np.int64)
    unit_cost = np.where(usd, cad_cents * 100 // 137, cad_cents) * 100 + rng.integers(0, 100, n)
    weight = np.rint((low_kg + (high_kg - low_kg) * rng.random(n)) * 1000).astype(np.int64) * 1000
    order = rng.permutation(n)
    weight[order[: max(1, round(n * 0.03))]] = UNKNOWN
    unit_cost[order[-max(1, round(n * 0.01)) :]] = UNKNOWN
    first: Frame = {
        "product": np.arange(n),
        "effective_from": np.full(n, FIRST_PRICES),
        "unit_cost_e4": unit_cost,
        "currency": np.where(usd, "USD", "CAD"),
        "weight_mg": weight,
        "updated_at": np.full(n, np.datetime64("2025-01-06T14:00:00", "s")),
    }
    changed = np.flatnonzero(rng.random(n) < 0.2)
    day = np.datetime64("2025-09-15", "D") + rng.integers(0, 300, len(changed))
    new_cost = unit_cost[changed] * rng.integers(88, 119, len(changed)) // 100
    new_weight = np.where(rng.random(len(changed)) < 0.4, weight[changed] * 21 // 20, weight[changed])
    second: Frame = {
        "product": changed,
        "effective_from": day,
        "unit_cost_e4": np.where(unit_cost[changed] == UNKNOWN, UNKNOWN, new_cost),
        "currency": first["currency"][changed],
        "weight_mg": np.where(weight[changed] == UNKNOWN, UNKNOWN, new_weight),
        "updated_at": day.astype("datetime64[s]") - np.timedelta64(5, "D") + np.timedelta64(15, "h"),
    }
    return concat([first, second])


def draw_rates(rng: np.random.Generator) -> Frame:
    """One row per day (weekends too): CAD for one USD, 6 decimals held as 8."""
    days = np.arange(FX_FIRST, FX_LAST + 1)
    walk = 1.37 + 0.03 * np.sin(np.arange(len(days)) / 60) + np.cumsum(rng.normal(0, 0.0012, len(days)))
    micro = np.rint(np.clip(walk, 1.28, 1.46) * 1_000_000).astype(np.int64)
    return {"day": days, "rate_e8": micro * (ONE_E8 // 1_000_000)}
