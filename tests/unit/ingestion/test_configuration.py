"""sources.yml and the contracts."""

from __future__ import annotations

import pytest

from backhaul.settings import Settings
from ingestion.config import ConfigError, find_source, load_sources, sources_of
from ingestion.contract import SOURCES, ContractError, kinds, kinds_with_tables, load_contract, parse_contract
from ingestion.description import load_description

GOOD = "sources:\n  - {id: fba, kind: amazon_fba_returns, domain: returns, from: {type: files, path: drop/fba}}\n"


def configured(tmp_path, text: str) -> Settings:
    (tmp_path / "sources.yml").write_text(text)
    return Settings(home=tmp_path)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "sources:\n", "sources: []\n"])
def test_no_sources_are_allowed(tmp_path, text):
    assert load_sources(configured(tmp_path, text)) == []
    assert load_sources(Settings(home=tmp_path / "absent")) == []


def test_sources_by_domain(tmp_path):
    settings = configured(tmp_path, GOOD)
    assert [source.id for source in sources_of(settings, "returns")] == ["fba"]
    assert sources_of(settings, "carrier") == []
    with pytest.raises(ConfigError, match="configured: fba"):
        find_source(settings, "fbb")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sources: {a: 1}\n", "expected a list"),
        ("- 1\n", "expected a list"),
        ("a: [\n", "not valid YAML"),
        (GOOD + GOOD.split("\n", 1)[1], "two sources have the id 'fba'"),
        (GOOD.replace("amazon_fba_returns", "amazon"), "unknown kind 'amazon'"),
        (GOOD.replace("type: files", "type: ftp"), "source fba: from"),
        (GOOD.replace("amazon_fba_returns", "delimited"), "needs `contract:`"),
        (GOOD.replace("domain: returns", "domain: returns, password: x"), "password"),
        (
            GOOD.replace("domain: returns", "domain: returns, month_first: true"),
            "takes no `month_first:` or `currency:`",
        ),
    ],
)
def test_mistakes_are_named(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        load_sources(configured(tmp_path, text))


WAYS_IN = {
    "files": ("{type: files, path: drop}", ()),
    "webhook": ("{type: webhook, path: inbox, connection: c, signature: {style: shopify}}", ()),
    "sftp": ("{type: sftp, connection: c, path: /out}", ("c",)),
    "s3": ("{type: s3, connection: c, bucket: b}", ("c",)),
    "http": ("{type: http, connection: c}", ("c",)),
    "postgres": ("{type: postgres, connection: c, queries: [{table: t, query: t}]}", ("c",)),
    "mariadb": ("{type: mariadb, connection: c, queries: [{table: t, query: t}]}", ("c",)),
}


@pytest.mark.parametrize(("origin", "connections"), WAYS_IN.values(), ids=WAYS_IN)
def test_every_way_in_says_which_connections_a_pull_needs(tmp_path, origin, connections):
    settings = configured(tmp_path, GOOD.replace("{type: files, path: drop/fba}", origin))
    assert find_source(settings, "fba").origin.connections == connections


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("page: {style: cursor}", "paging style 'cursor' needs param, next"),
        ("page: {style: cursor, param: a, next: b, place: body}", "`place: body` needs `method: POST`"),
        ("incremental: {field: a, param: b, template: all}", "template"),
        ("password: x", "password"),
    ],
)
def test_mistakes_in_a_request_are_named(tmp_path, request_, message):
    request = f"{{name: n, path: p, items: i, {request_}}}"
    origin = f"{{type: http, connection: c, requests: [{request}]}}"
    with pytest.raises(ConfigError, match=message):
        load_sources(configured(tmp_path, GOOD.replace("{type: files, path: drop/fba}", origin)))


@pytest.mark.parametrize(
    ("auth", "message"),
    [("{style: oauth2_refresh}", "needs `token_url`"), ("{style: magic}", "style"), ("{style: basic, key: x}", "key")],
)
def test_mistakes_in_a_login_are_named(tmp_path, auth, message):
    origin = f"{{type: http, connection: c, auth: {auth}}}"
    with pytest.raises(ConfigError, match=message):
        load_sources(configured(tmp_path, GOOD.replace("{type: files, path: drop/fba}", origin)))


def test_every_contract_loads_and_groups_are_included():
    assert {"amazon_fba_returns", "backhaul", "easypost", "wms_inventory"} <= set(kinds())
    for kind in kinds_with_tables():
        assert load_contract(kind).kind == kind
    for kind in set(kinds()) - set(kinds_with_tables()):
        assert load_description(SOURCES / kind / "contract.yml").tables
    costs = load_contract("backhaul").table("costs")
    assert [costs.column(name).lake_type for name in ("lpn", "amount", "posted_at")] == [
        "VARCHAR",
        "DECIMAL(18,4)",
        "TIMESTAMP",
    ]
    assert load_contract("backhaul").table("waste_movements").column("mass_kg").lake_type == "DECIMAL(18,6)"


def test_a_contract_names_what_is_wrong_with_it():
    with pytest.raises(ContractError, match="no kind of source 'x'"):
        load_contract("x")
    table = {
        "description": "d",
        "grain": "g",
        "natural_key": ["b"],
        "event_time": "a",
        "observed_at": "horizon",
        "columns": [{"name": "a", "type": "timestamp", "description": "d"}],
    }
    body = {"kind": "k", "domain": "returns", "version": 1, "format": "delimited", "tables": {"t": table}}
    with pytest.raises(ContractError, match="'b' is not one of its columns"):
        parse_contract(body, "k/contract.yml")
