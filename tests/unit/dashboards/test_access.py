"""Who may read what: the first grant that fits counts, and nobody is let in by a mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboards.access import ANYBODY, AccessFile, AccessFileBroken, Reader, Scope, SignIn, access_file, granted
from dashboards.i18n import LANGUAGES
from dashboards.menu import menu_of
from dashboards.scoped import condition_of, tables_of

ACCESS = """
claim: roles
grants:
  - {group: returns-admins, role: admin}
  - {group: analysts, role: analyst}
  - {email: Vendor@Acme.example, scope: {vendor_id: [V-02, V-01]}}
  - {group: site-yyz, scope: {node_id: [YYZ4]}}
"""


@pytest.fixture
def access(tmp_path: Path) -> AccessFile:
    (tmp_path / "access.yml").write_text(ACCESS)
    return access_file(tmp_path / "access.yml")


@pytest.mark.parametrize(
    ("claims", "reader"),
    [
        ({"name": "Ada", "roles": ["analysts", "returns-admins"]}, Reader("Ada", "admin")),
        ({"sub": "u1", "roles": "analysts"}, Reader("u1", "analyst")),
        (
            {"email": "vendor@acme.example", "email_verified": True},
            Reader("vendor@acme.example", "viewer", Scope("vendor_id", ("V-01", "V-02"))),
        ),
        ({"email": "vendor@acme.example", "email_verified": False}, None),
        ({"email": "vendor@acme.example", "email_verified": "false"}, None),
        ({"email": "vendor@acme.example"}, None),
        ({"email": "other@acme.example", "roles": ["nobody"]}, None),
        ({"email": "", "roles": None}, None),
        ({"groups": ["analysts"]}, None),
    ],
)
def test_the_first_grant_that_fits_counts(access: AccessFile, claims: dict[str, Any], reader: Reader | None) -> None:
    assert granted(access, claims) == reader


def test_without_a_file_nobody_is_let_in_and_everyone_is_only_when_it_says_so(tmp_path: Path) -> None:
    assert granted(access_file(tmp_path / "none.yml"), {"email": "a@b.c"}) is None
    open_to_all = AccessFile.model_validate({"grants": [{"everyone": True}]})
    assert granted(open_to_all, {"sub": "x"}) == Reader("x", "viewer")
    nobody_in_particular = AccessFile.model_validate({"grants": [{"role": "admin"}]})
    assert granted(nobody_in_particular, {"sub": "x", "email": ""}) is None
    trusting = AccessFile.model_validate({"trust_email": True, "grants": [{"email": "a@b.c"}]})
    assert granted(trusting, {"email": "a@b.c"}) == Reader("a@b.c", "viewer")


@pytest.mark.parametrize(
    "text",
    ["grants: [{role: owner}]", "grants: [{group: a, scope: {sku: [x]}}]", "grants: {", "other: 1",
     "grants: [{group: a, scope: {node_id: [x], vendor_id: [y]}}]"],
)  # fmt: skip
def test_a_file_that_says_something_else_lets_nobody_in(tmp_path: Path, text: str) -> None:
    (tmp_path / "access.yml").write_text(text)
    with pytest.raises(AccessFileBroken, match=r"access\.yml"):
        access_file(tmp_path / "access.yml")


def test_a_provider_that_is_half_set_up_is_an_error_and_none_is_no_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SignIn().secrets() is None
    for name in ("METADATA_URL", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"BACKHAUL_OIDC_{name}", "x")
    with pytest.raises(AccessFileBroken, match="COOKIE_SECRET"):
        SignIn().secrets()
    monkeypatch.setenv("BACKHAUL_OIDC_COOKIE_SECRET", "y" * 32)
    monkeypatch.setenv("BACKHAUL_OIDC_ADDRESS", "https://returns.example/")
    told = SignIn().secrets()
    assert told is not None
    assert told["auth"]["redirect_uri"] == "https://returns.example/oauth2callback"


def test_pages_about_the_whole_business_are_for_those_who_see_it_and_sql_is_for_analysts() -> None:
    def names(reader: Reader) -> set[str]:
        return {entry.name for entry in menu_of(reader, LANGUAGES["en"])}

    assert names(ANYBODY) - names(Reader("v", "viewer")) == {"sql"}
    assert "sql" in names(Reader("a", "analyst"))
    scoped = names(Reader("a", "analyst", Scope("node_id", ("YYZ",))))
    assert names(ANYBODY) - scoped == {"disclosures", "restatement", "health", "sql"}


UNIT = "unit_key in (select unit_key from core.fct_return_unit)"
PARCEL = "tracking_number in (select tracking_number from core.fct_return_shipment)"
SITE = "node_id in ('V''1')"
VENDOR = "vendor_id in ('V''1')"


@pytest.mark.parametrize(
    ("name", "columns", "of_vendor", "of_site"),
    [
        ("marts.mart_exec_kpi", ["kpi_id", "value"], "false", "false"),
        ("core.dim_return_reason", ["reason_code"], "true", "true"),
        ("core.dim_source_file", ["file_name"], "false", "false"),
        ("core.dim_vendor", ["vendor_id"], VENDOR, "true"),
        ("marts.mart_vendor_recovery", ["vendor_id", "owed"], VENDOR, "false"),
        ("core.fct_return_unit", ["unit_key", "vendor_id", "node_id", "tracking_number"], VENDOR, SITE),
        ("core.fct_return_shipment", ["tracking_number", "node_id"], "false", SITE),
        ("core.fct_refund", ["unit_key"], f"{UNIT} or (unit_key is null and false)",
         f"{UNIT} or (unit_key is null and false)"),
        ("core.fct_cost", ["unit_key", "node_id"], f"{UNIT} or (unit_key is null and false)",
         f"{UNIT} or (unit_key is null and {SITE})"),
        ("core.fct_claim", ["unit_key", "tracking_number"], f"{UNIT} or (unit_key is null and false)",
         f"{UNIT} or (unit_key is null and {PARCEL})"),
        ("core.fct_carrier_charge", ["carrier_charge_key", "tracking_number"], "false", PARCEL),
    ],
)  # fmt: skip
def test_what_a_scope_leaves_of_a_table(name: str, columns: list[str], of_vendor: str, of_site: str) -> None:
    no_parcel = {"core.fct_return_shipment", "core.fct_carrier_charge"}
    assert condition_of(name, columns, Scope("vendor_id", ("V'1",)), no_parcel) == of_vendor
    assert condition_of(name, columns, Scope("node_id", ("V'1",))) == of_site


def test_a_query_reads_tables_by_whatever_name_it_gives_them() -> None:
    sql = "with a as (select * from core.x as x where y = $name) select * from a inner join marts.b as c on a.d = c.d"
    assert tables_of(sql) == {"core.x", "marts.b"}
