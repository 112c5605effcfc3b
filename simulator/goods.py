"""What the four businesses sell: bilingual names, what it costs landed and weighs, what it is made of."""

from __future__ import annotations

from typing import NamedTuple


class Good(NamedTuple):
    """One product line; costs are CAD from-to, masses kilograms from-to, packaging included."""

    category: str
    name_en: str
    name_fr: str
    low_cost: float
    high_cost: float
    low_kg: float
    high_kg: float
    material: str
    hs_code: str
    regulation_class: str = ""
    is_resale_allowed: bool = True


HOME_IMPROVEMENT = [
    Good("HOME_IMPROVEMENT", "Cordless drill", "Perceuse sans fil", 38, 92, 1.2, 2.6, "STEEL", "846721", "BATTERY"),
    Good("HOME_IMPROVEMENT", "Shower head", "Pomme de douche", 12, 40, 0.3, 1.1, "BRASS", "848180"),
    Good("HOME_IMPROVEMENT", "Ceiling lamp", "Plafonnier à intensité variable", 24, 80, 0.9, 3.4, "GLASS", "940511"),
    Good("HOME_IMPROVEMENT", "Wall shelf", "Étagère murale", 15, 48, 1.8, 6.5, "WOOD", "940360"),
    Good("HOME_IMPROVEMENT", "Garden hose", "Tuyau d'arrosage renforcé", 14, 42, 1.5, 4.2, "PVC", "391739"),
    Good("HOME_IMPROVEMENT", "Brush cutter", "Débroussailleuse à batterie", 85, 160, 3.8, 7.5, "STEEL", "846729"),
    Good("HOME_IMPROVEMENT", "Door handle set", "Ensemble de poignées à clé", 16, 55, 0.6, 1.6, "BRASS", "830241"),
    Good("HOME_IMPROVEMENT", "Kitchen faucet", "Robinet de cuisine à bec élevé", 45, 120, 1.4, 3.0, "BRASS", "848180"),
    Good("HOME_IMPROVEMENT", "Area rug", "Tapis d'intérieur tissé", 32, 95, 3.0, 9.0, "TEXTILE", "570242"),
]
APPAREL = [
    Good("APPAREL", "Long-sleeve T-shirt", "T-shirt à manches longues", 9, 20, 0.18, 0.35, "COTTON", "610910"),
    Good("APPAREL", "Down jacket", "Manteau de duvet léger", 48, 95, 0.6, 1.2, "POLYAMIDE", "620193"),
    Good("APPAREL", "Wool sweater", "Chandail de laine mérinos", 24, 52, 0.3, 0.7, "WOOL", "611011"),
    Good("APPAREL", "Denim trousers", "Jean coupe décontractée", 18, 38, 0.5, 0.9, "COTTON", "620342"),
    Good("APPAREL", "Rain boots", "Bottes de pluie doublées", 22, 45, 0.9, 1.8, "RUBBER", "640192"),
    Good("APPAREL", "Summer dress", "Robe d'été à bretelles", 16, 40, 0.2, 0.45, "VISCOSE", "620443"),
    Good("APPAREL", "Running shoes", "Souliers de course à pied", 35, 70, 0.5, 0.95, "POLYESTER", "640411"),
    Good("APPAREL", "Leather belt", "Ceinture de cuir tressé", 11, 28, 0.2, 0.4, "LEATHER", "420330"),
]
ELECTRONICS = [
    Good("ELECTRONICS", "Wireless earbuds", "Écouteurs sans fil", 28, 85, 0.08, 0.2, "ABS", "851830", "BATTERY"),
    Good(
        "ELECTRONICS", "Robot vacuum", "Aspirateur-robot à capteurs", 140, 290, 2.9, 4.6, "ABS", "850811", "WEEE_SMALL"
    ),
    Good("ELECTRONICS", "Espresso machine", "Machine à expresso", 95, 240, 3.8, 7.2, "STEEL", "851671", "WEEE_SMALL"),
    Good("ELECTRONICS", "Bluetooth speaker", "Haut-parleur étanche", 25, 90, 0.4, 1.4, "ABS", "851822", "BATTERY"),
    Good(
        "ELECTRONICS",
        "Smart thermostat",
        "Thermostat connecté à écran",
        60,
        130,
        0.3,
        0.6,
        "ABS",
        "903210",
        "WEEE_SMALL",
    ),
    Good("ELECTRONICS", "Air fryer", "Friteuse à air chaud", 52, 110, 3.2, 5.8, "STEEL", "851660", "WEEE_SMALL"),
    Good("ELECTRONICS", "Tablet", "Tablette numérique", 110, 260, 0.4, 0.7, "ALUMINIUM", "847130", "WEEE_SCREEN"),
    Good("ELECTRONICS", "Hair dryer", "Sèche-cheveux à ions", 20, 75, 0.5, 0.9, "ABS", "851631", "WEEE_SMALL"),
]
MANUFACTURING = [
    Good(
        "ELECTRONICS", "Office printer", "Imprimante de bureau réseau", 120, 310, 8.5, 16, "ABS", "844331", "WEEE_LARGE"
    ),
    Good(
        "ELECTRONICS", "Monitor", "Écran à dalle mate", 95, 240, 4.1, 7.8, "MIXED_ELECTRONICS", "852852", "WEEE_SCREEN"
    ),
    Good(
        "ELECTRONICS",
        "Wine cooler",
        "Cellier réfrigéré à compresseur",
        180,
        420,
        18,
        32,
        "STEEL",
        "841821",
        "WEEE_COOLING",
    ),
    Good("PARTS", "Alternator", "Alternateur réusiné", 70, 160, 4.2, 7.1, "STEEL", "851150"),
    Good(
        "PARTS",
        "Servo drive",
        "Variateur à contrôle numérique",
        160,
        420,
        1.9,
        4.4,
        "ALUMINIUM",
        "850440",
        "WEEE_SMALL",
    ),
    Good(
        "PARTS",
        "Battery pack",
        "Bloc-batterie à pile au lithium",
        55,
        150,
        1.1,
        2.9,
        "LITHIUM_BATTERY",
        "850760",
        "BATTERY",
    ),
]
HEALTHCARE = [
    Good(
        "MEDICINE",
        "Amoxicillin 500 mg",
        "Amoxicilline 500 mg, gélules",
        9,
        28,
        0.05,
        0.2,
        "MIXED",
        "300410",
        "MEDICINE",
        False,
    ),
    Good(
        "MEDICINE",
        "Insulin pen",
        "Stylo d'insuline prérempli",
        38,
        95,
        0.08,
        0.25,
        "GLASS",
        "300431",
        "MEDICINE",
        False,
    ),
    Good("MEDICINE", "Inhaler", "Inhalateur doseur", 14, 42, 0.06, 0.15, "ALUMINIUM", "300490", "MEDICINE", False),
    Good("MEDICINE", "Saline solution", "Soluté physiologique stérile", 5, 14, 0.5, 1.1, "PP", "300490", "MEDICINE"),
    Good(
        "DEVICE",
        "Sterile suture kit",
        "Trousse de suture stérile",
        12,
        36,
        0.1,
        0.3,
        "POLYAMIDE",
        "300610",
        "STERILE_DEVICE",
    ),
    Good(
        "DEVICE", "Catheter set", "Ensemble de cathéters stériles", 16, 60, 0.15, 0.5, "PVC", "901839", "STERILE_DEVICE"
    ),
    Good("DEVICE", "Glucose monitor", "Glucomètre à écran rétroéclairé", 22, 70, 0.15, 0.4, "ABS", "902780", "BATTERY"),
    Good("DEVICE", "Blood pressure monitor", "Tensiomètre électronique", 26, 75, 0.4, 0.9, "ABS", "901890", "BATTERY"),
    Good("SUPPLY", "Nitrile gloves", "Gants de nitrile non poudrés", 6, 15, 0.4, 0.8, "RUBBER", "401519"),
    Good("SUPPLY", "Compression stockings", "Bas de contention élastiques", 14, 38, 0.1, 0.3, "TEXTILE", "611510"),
    Good("SUPPLY", "Walking aid", "Déambulateur pliant", 28, 80, 2.1, 4.0, "ALUMINIUM", "902110"),
    Good(
        "SUPPLY",
        "Hand sanitiser",
        "Désinfectant à mains à l'alcool",
        4,
        11,
        0.5,
        1.2,
        "PET",
        "380894",
        "DANGEROUS_GOODS",
    ),
]
COLOURS = [
    ("black", "noir"), ("white", "blanc"), ("blue", "bleu"), ("grey", "gris foncé"),
    ("red", "rouge"), ("green", "vert forêt"), ("beige", "beige doré"), ("limited edition", "édition limitée"),
]  # fmt: skip
SIZES = [
    ("extra small", "très petit"), ("small", "petit"), ("medium", "moyen"), ("large", "grand"),
    ("extra large", "très grand"), ("tall", "élancé"), ("petite", "petite taille"), ("plus", "taille généreuse"),
]  # fmt: skip
MODELS = [
    ("series 1", "série 1"), ("series 2", "série 2"), ("series 3", "série 3"), ("series 3 pro", "série 3 améliorée"),
    ("series 4", "série 4"), ("series 4 pro", "série 4 améliorée"), ("series 5", "série 5"),
    ("classic", "modèle hérité"),
]  # fmt: skip
PACKS = [
    ("single", "à l'unité"), ("box of 5", "boîte de 5, scellée"), ("box of 10", "boîte de 10, scellée"),
    ("box of 25", "boîte de 25, scellée"), ("hospital pack", "format hospitalier"),
    ("starter kit", "trousse de départ"), ("refill", "recharge scellée"), ("paediatric", "pédiatrique"),
]  # fmt: skip
