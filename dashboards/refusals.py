"""Why a query was not answered, in the reader's language. English is that of ``backhaul.sandbox.errors``."""

from __future__ import annotations

from backhaul.sandbox.errors import QueryError
from dashboards.i18n import Language


def refusal(error: QueryError, language: Language) -> str:
    """The reason with its values filled in; what the engine itself says stays in its English."""
    _ = language.gettext
    words = {
        "not_parsed": _("This is not SQL that can be read: {message}"),
        "not_one": _("Write exactly one query; this holds {count} statements."),
        "not_a_select": _("Only queries can be run (SELECT, WITH, FROM, DESCRIBE, SUMMARIZE), not {statement}."),
        "pivot": _("Name the values to pivot on: `PIVOT ... ON column IN ('a', 'b') USING ...`"),
        "table": _("{table} is not a published table or view. Nearest: {nearest}."),
        "function": _("{function} cannot be called here: only functions that compute from their arguments are open."),
        "construct": _("{construct} cannot be used here."),
        "too_long": _("The query is longer than {limit} characters, or nested too deeply."),
        "engine": "{message}",
        "time": _("Stopped after {seconds} s, the limit of a query. Filter earlier, join on keys, or aggregate first."),
        "memory": _(
            "Stopped at {megabytes} MB, the memory limit of a query. Read fewer rows or columns, or aggregate first."
        ),
        "crashed": _(
            "The process of this query ended without an answer. Nobody else is affected; try a simpler query."
        ),
        "replaced": _("This query was stopped because another one was asked."),
        "busy": _(
            "No place is free: {running} queries at once is the limit. Wait until one has ended, then run it again."
        ),
    }
    return words[error.code].format(**error.parts)
