"""What has to be published: waste by GRI 306, and unsold goods by Article 24 of the EU's ecodesign regulation."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from dashboards import words
from dashboards.blocks import nothing, section, table
from dashboards.data import Row
from dashboards.tables import Column, Table
from dashboards.view import View, keep_in_url, shared

KILOGRAMS = ("generated", "306-4", "306-5", "unknown", "ticketed")
SITES = ("ONSITE", "OFFSITE", "UNKNOWN")


def main() -> None:
    """The whole page, one year at a time."""
    view = shared()
    _ = view.language.gettext
    gri, espr = view.rows("disclosure_gri306"), view.rows("disclosure_espr24")
    years = sorted({row["disclosure_year"] for row in (*gri, *espr)}, reverse=True)
    if not years:
        nothing(_("No unit was discarded yet: there is nothing to disclose."))
        return
    asked = st.query_params.get("year", "")
    st.session_state["year"] = asked if asked in map(str, years) else str(years[0])
    st.selectbox(_("Year"), [str(year) for year in years], key="year", on_change=keep_in_url, args=("year",), width=160)
    year = int(st.session_state["year"])
    st.warning(
        _(
            "A draft for your own report: check coverage, hazardous waste and the findings of data health "
            "before you sign."
        ),
        icon=":material/draw:",
    )
    gri_306(view, year, [row for row in gri if row["disclosure_year"] == year])
    espr_24(view, year, [row for row in espr if row["disclosure_year"] == year])


def gri_306(view: View, year: int, rows: list[Row]) -> None:
    """Waste by composition (306-3), and by what was done with it and where (306-4, 306-5), in kilograms."""
    _ = view.language.gettext
    title = _("GRI 306: waste, {year}").format(year=year)
    section(view, title, _("Kilograms; goods that never became waste are left out."))
    if not rows:
        nothing(_("No waste in this year."))
        return
    composition(view, year, rows)
    for code, heading in {
        "306-4": _("Waste diverted from disposal (GRI 306-4), {year}").format(year=year),
        "306-5": _("Waste directed to disposal (GRI 306-5), {year}").format(year=year),
    }.items():
        told = [row for row in rows if row["gri_306"] == code]
        if told:
            treated(view, f"gri-{code}-{year}", heading, told)


def composition(view: View, year: int, rows: list[Row]) -> None:
    """Each material: waste generated, diverted and disposed of, and how much of it was weighed out by ticket."""
    _ = view.language.gettext
    title = _("Waste by composition (GRI 306-3), {year}").format(year=year)
    st.markdown(f"**{title}**")
    columns = [
        Column("label", _("Material")),
        Column("generated", _("Generated (kg)"), "kg"),
        Column("306-4", _("Diverted from disposal (kg)"), "kg"),
        Column("306-5", _("Directed to disposal (kg)"), "kg"),
        Column("unknown", _("Treatment not known (kg)"), "kg"),
        Column("ticketed", _("Of that by weighing ticket (kg)"), "kg"),
    ]
    sums: dict[str, Row] = {}
    for row in rows:
        material = row["material_label"] or _("Unknown")
        where = row["gri_306"] if row["gri_306"] in {"306-4", "306-5"} else "unknown"
        line = sums.setdefault(material, {"label": material} | dict.fromkeys(KILOGRAMS, Decimal(0)))
        for key, mass in (("generated", row["waste_kg"]), (where, row["waste_kg"]), ("ticketed", row["ticketed_kg"])):
            line[key] += mass
    body = sorted(sums.values(), key=lambda line: -line["generated"])
    table(view, Table(f"gri-306-3-{year}", title, columns, body, _total(body, KILOGRAMS, _("All"))), limit=len(body))


def treated(view: View, name: str, title: str, rows: list[Row]) -> None:
    """Each treatment of hazardous and other waste, by where it was done."""
    _ = view.language.gettext
    st.markdown(f"**{title}**")
    columns = [
        Column("hazard", _("Hazard")),
        Column("label", _("Treatment")),
        Column("ONSITE", _("On our sites (kg)"), "kg"),
        Column("OFFSITE", _("Elsewhere (kg)"), "kg"),
        Column("UNKNOWN", _("Site not told (kg)"), "kg"),
        Column("all", _("Total (kg)"), "kg"),
    ]
    sums: dict[tuple[bool, str], Row] = {}
    for row in rows:
        hazard = _("Hazardous waste") if row["is_hazardous"] else _("Non-hazardous waste")
        key = row["is_hazardous"], row["treatment_label"] or _("Unknown")
        line = sums.setdefault(key, {"hazard": hazard, "label": key[1]} | dict.fromkeys((*SITES, "all"), Decimal(0)))
        line[row["treatment_site"] if row["treatment_site"] in SITES else "UNKNOWN"] += row["waste_kg"]
        line["all"] += row["waste_kg"]
    body = [sums[key] for key in sorted(sums, reverse=True)]
    total = _total(body, (*SITES, "all"), "") | {"hazard": _("All")}
    table(view, Table(name, title, columns, body, total), limit=len(body))


def _total(rows: list[Row], keys: tuple[str, ...], label: str) -> Row:
    return {"label": label} | {key: sum((row[key] for row in rows), Decimal(0)) for key in keys}


def espr_24(view: View, year: int, rows: list[Row]) -> None:
    """Unsold consumer products discarded: number, weight, reasons, and what was done with them."""
    _ = view.language.gettext
    title = _("ESPR Article 24: unsold goods discarded, {year}").format(year=year)
    section(view, title, _("Regulation (EU) 2024/1781. Shares are of the mass; destroying some groups is banned."))
    if not rows:
        nothing(_("No unsold goods were discarded in this year."))
        return
    families = words.reason_families(view.language)
    columns = [
        Column("espr_label", _("Product group")),
        Column("is_destruction_banned", _("Destruction banned"), "flag"),
        Column("reason", _("Reason")),
        Column("unit_count", _("Units"), "count"),
        Column("weighed_unit_count", _("Weighed"), "count"),
        Column("waste_kg", _("Mass (kg)"), "kg"),
        Column("prepared_for_reuse_share", _("Prepared for reuse"), "ratio"),
        Column("recycled_share", _("Recycled"), "ratio"),
        Column("other_recovery_share", _("Other recovery"), "ratio"),
        Column("disposed_share", _("Disposed of"), "ratio"),
    ]
    body = [row | {"reason": families.get(row["reason_family"], row["reason_family"])} for row in rows]
    whole = {
        "espr_label": _("All"),
        "unit_count": sum(row["unit_count"] for row in rows),
        "weighed_unit_count": sum(row["weighed_unit_count"] for row in rows),
        "waste_kg": sum((row["waste_kg"] for row in rows), Decimal(0)),
    }
    table(view, Table(f"espr-24-{year}", title, columns, body, whole), limit=len(body))


main()
