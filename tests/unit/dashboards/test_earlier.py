"""A page of an earlier publish: asked for in the address, said on the page, never mixed with today's."""

from __future__ import annotations

import json
from dataclasses import asdict
from urllib.parse import parse_qsl

import pytest

from backhaul.publishing import Publish
from backhaul.settings import Settings
from tests.unit.dashboards.sample import texts, visit, write_published

FIRST, SECOND, THIRD = (f"2026070{day}T060000-{name}" for day, name in ((1, "first"), (2, "second"), (3, "third")))
COST = {FIRST: "$10.00", SECOND: "$20.00", THIRD: "$30.00"}


@pytest.fixture
def kept(home: Settings) -> dict[str, Publish]:
    """Three publishes of one, two and three times the cost; the third was taken back, so the second is current."""
    made = {
        publish_id: write_published(home, publish_id, factor)
        for factor, publish_id in enumerate((FIRST, SECOND, THIRD), start=1)
    }
    for publish in made.values():
        (home.published / f"{publish.publish_id}.json").write_text(json.dumps(asdict(publish)))
    home.pointer.write_text(json.dumps(asdict(made[SECOND])))
    return made


@pytest.mark.parametrize(
    ("asked", "shown", "is_said"),
    [({}, SECOND, False), ({"publish": SECOND}, SECOND, False), ({"publish": FIRST}, FIRST, True)],
    ids=["follows", "todays", "earlier"],
)
def test_a_page_shows_the_publish_that_its_address_names(
    kept: dict[str, Publish], asked: dict[str, str], shown: str, is_said: bool
) -> None:
    page = visit(lang="en", period="2026-01", **asked)
    assert page.metric[0].value == COST[shown]
    told = " ".join(texts(page))
    assert {publish_id for publish_id in kept if publish_id in told} == {shown}
    assert any("as they were published on" in warning.value for warning in page.warning) is is_said
    assert ("not today’s figures" in told) is is_said


@pytest.mark.parametrize(
    "name", ["20250101T000000-gone", THIRD, "../../etc/passwd", ""], ids=["removed", "back", "path", "none"]
)
def test_a_publish_that_is_not_kept_is_no_other(kept: dict[str, Publish], name: str) -> None:
    page = visit("cost", lang="fr", period="2026-01", publish=name)
    assert not page.metric
    [warning] = page.warning
    assert "n’est pas conservée" in warning.value
    assert not page.selectbox
    [today] = [button for button in page.button if button.key == "today"]
    today.click().run()
    assert page.metric[0].value.startswith("20,00")
    assert "publish" not in page.query_params


def test_links_keep_to_the_publish(kept: dict[str, Publish]) -> None:
    page = visit(lang="en", publish=FIRST)
    links = [dict(parse_qsl(link.proto.query_string)) for link in page.get("page_link")]
    assert {link.get("publish") for link in links} == {FIRST}


def test_an_earlier_publish_is_chosen_at_the_foot_and_left_again(kept: dict[str, Publish]) -> None:
    page = visit(lang="en", period="2026-01")
    page.selectbox(key="publish").select(FIRST).run()
    assert page.query_params["publish"] == FIRST
    assert page.metric[0].value == COST[FIRST]
    page.selectbox(key="publish").select("").run()
    assert "publish" not in page.query_params
    assert page.metric[0].value == COST[SECOND]


def test_where_no_other_is_kept_there_is_nothing_to_choose(published: Publish) -> None:
    assert "publish" not in [box.key for box in visit(lang="en").selectbox]
