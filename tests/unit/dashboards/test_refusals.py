"""Why a query was not answered: the page's English is the sandbox's, and every reason has its words."""

from __future__ import annotations

from string import Formatter

import pytest

from backhaul.sandbox.errors import REASONS, QueryError
from dashboards.i18n import language
from dashboards.refusals import refusal


@pytest.mark.parametrize("reason", REASONS.values(), ids=list(REASONS))
def test_every_reason_is_said_in_both_languages(reason: type[QueryError]) -> None:
    parts = {name: f"<{name}>" for _, name, _, _ in Formatter().parse(reason.template) if name}
    error = reason(**parts)
    assert refusal(error, language("en")) == str(error)
    french = refusal(error, language("fr"))
    assert all(part in french for part in parts.values())
    assert french != str(error) or reason.template == "{message}"
