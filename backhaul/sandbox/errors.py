"""Why a query gave no rows. Each has a template and its parts, so that a page can say it in the reader's language."""

from __future__ import annotations

from typing import ClassVar

from backhaul.errors import Explained


class QueryError(Explained):
    """A query that was not answered.

    Attributes:
        code: which of the reasons; the page's words hang on it.
        parts: what the template is filled with.
    """

    code: ClassVar[str]
    template: ClassVar[str]

    def __init__(self, **parts: str) -> None:
        self.parts = parts
        super().__init__(self.template.format(**parts))


class NotParsed(QueryError):
    """No SQL that the engine can read."""

    code = "not_parsed"
    template = "This is not SQL that can be read: {message}"


class NotOneStatement(QueryError):
    """Nothing, or several statements."""

    code = "not_one"
    template = "Write exactly one query; this holds {count} statements."


class NotASelect(QueryError):
    """A statement that does something else than read."""

    code = "not_a_select"
    template = "Only queries can be run (SELECT, WITH, FROM, DESCRIBE, SUMMARIZE), not {statement}."


class PivotWithoutValues(QueryError):
    """A pivot that would have to look at the data before it knows its columns."""

    code = "pivot"
    template = "Name the values to pivot on: `PIVOT ... ON column IN ('a', 'b') USING ...`"


class TableNotAllowed(QueryError):
    """A table that is not one of the published ones: unknown, a file, or the engine's own catalogue."""

    code = "table"
    template = "{table} is not a published table or view. Nearest: {nearest}."


class FunctionNotAllowed(QueryError):
    """A function that reaches beyond its arguments, or that nobody has looked at."""

    code = "function"
    template = "{function} cannot be called here: only functions that compute from their arguments are open."


class ConstructNotAllowed(QueryError):
    """A part of SQL that has no place in a question."""

    code = "construct"
    template = "{construct} cannot be used here."


class TooLong(QueryError):
    """A text beyond what a person writes."""

    code = "too_long"
    template = "The query is longer than {limit} characters, or nested too deeply."


class EngineError(QueryError):
    """The engine's own words: an unknown column with its nearest names, a type that does not fit."""

    code = "engine"
    template = "{message}"


class OutOfTime(QueryError):
    """Stopped at the time limit."""

    code = "time"
    template = "Stopped after {seconds} s, the limit of a query. Filter earlier, join on keys, or aggregate first."


class OutOfMemory(QueryError):
    """Stopped at the memory limit."""

    code = "memory"
    template = "Stopped at {megabytes} MB, the memory limit of a query. Read fewer rows or columns, or aggregate first."


class Crashed(QueryError):
    """The process ended without an answer; nobody else was touched."""

    code = "crashed"
    template = "The process of this query ended without an answer. Nobody else is affected; try a simpler query."


class Replaced(QueryError):
    """Stopped because its reader asked something else."""

    code = "replaced"
    template = "This query was stopped because another one was asked."


class TooManyQueries(QueryError):
    """The reader's own queries, or everybody's, fill the places."""

    code = "busy"
    template = "No place is free: {running} queries at once is the limit. Wait until one has ended, then run it again."
    is_transient = True


REASONS: dict[str, type[QueryError]] = {reason.code: reason for reason in QueryError.__subclasses__()}
