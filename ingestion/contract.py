"""Contracts: the one definition of a source's tables and columns, read from ``sources/<kind>/contract.yml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from backhaul.errors import Explained, readable

SOURCES = Path(__file__).resolve().parent / "sources"
NATIVE = "backhaul"
WITHDRAWN = "is_withdrawn"
# Kinds without a contract of their own: a file that its user describes.
GENERIC = ("delimited", "ndjson", "sql", "xlsx")

# Kinds of change of contract (see ``ingestion.changes``), and what may become of a batch that brings one.
ChangeKind = Literal["added", "missing", "renamed", "retyped", "new_code"]
OnChange = Literal["note", "hold"]

LAKE_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,4)",
    "rate": "DECIMAL(18,8)",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "json": "VARCHAR",
}


# libyaml reads them seven times as fast; the wheels bring it, a build from source may lack it.
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContractError(Explained, ValueError):
    """A contract file can't be used; the message names the file and the entry."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """One column. ``path`` are its places in a document, the first that holds a value counting.

    ``aliases`` are other names in file headers. ``decimal_comma`` takes a comma for the decimal mark as well; a number
    with both marks stays none. ``cents`` does so before one or two digits only, for of 1,234 nobody can say whether it
    is a thousand.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: Literal["string", "integer", "decimal", "rate", "timestamp", "date", "boolean", "json"]
    description: str
    aliases: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    required: bool = False
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    enum: tuple[str, ...] = ()
    on_unknown: Literal["quarantine", "warn"] = "quarantine"
    formats: tuple[str, ...] = ("iso",)
    timezone: str = "UTC"
    personal: bool = False
    decimal_comma: bool | Literal["cents"] = False

    @field_validator("path", mode="before")
    @classmethod
    def _one_or_several(cls, path: Any) -> Any:
        return (path,) if isinstance(path, str) else path

    @property
    def lake_type(self) -> str:
        """The column's type in the lake; masses keep the milligram."""
        return "DECIMAL(18,6)" if self.type == "decimal" and self.unit == "kg" else LAKE_TYPES[self.type]

    @property
    def scale(self) -> int | None:
        """Digits after the decimal point that the lake keeps, for decimal types."""
        return int(self.lake_type[11:-1]) if self.lake_type.startswith("DECIMAL") else None


class Table(_Strict):
    """One table of a source."""

    name: str
    description: str
    grain: str
    columns: tuple[Column, ...]
    natural_key: tuple[str, ...]
    event_time: str
    observed_at: str = Field(description="A column, or 'horizon': the latest event time in the file.")
    files: tuple[str, ...] = ()
    nullable_key: bool = False
    any_of: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_exist(self) -> Table:
        names = [column.name for column in self.columns]
        if len(names) != len(set(names)):
            raise ValueError(f"table {self.name}: a column name occurs twice")
        known = {*names, "horizon"}
        for name in (*self.natural_key, self.event_time, self.observed_at, *self.any_of):
            if name not in known:
                raise ValueError(f"table {self.name}: {name!r} is not one of its columns")
        return self

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)

    @property
    def is_withdrawable(self) -> bool:
        """True where a row can say that the source takes its record back."""
        return any(column.name == WITHDRAWN for column in self.columns)


class Options(_Strict):
    """How delimited text is written. Encodings are tried in order; the first that reads every byte is taken.

    Of several ``delimiters`` the one that the first line holds most of is taken; with them, a ``quote`` of none holds
    for files whose header is not quoted and that no comma divides. A file without a header has fields
    named 1, 2, 3, …, as many as ``width``; with a ``width``, lines that end early are filled up. Of a workbook the
    ``sheet`` of that name is read, else the first visible one with a header that fits.

    A kind of documents with ``lines`` comes as lines with a header too. ``empty`` are texts that say in a document that
    there is no value, but in booleans.
    """

    delimiter: str = Field(",", min_length=1, max_length=1)
    delimiters: tuple[str, ...] = ()
    header: bool = True
    width: int | None = Field(None, ge=1)
    quote: str | None = Field('"', max_length=1)
    encodings: tuple[str, ...] = ("utf-8", "cp1252")
    sheet: str | None = None
    lines: bool = False
    empty: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _headerless_has_a_width(self) -> Options:
        if not self.header and self.width is None:
            raise ValueError("a file without a header needs `width`, its number of fields")
        return self


class Contract(_Strict):
    """A source kind: how its files are read and the tables they hold."""

    kind: str
    domain: Literal["returns", "carrier", "inventory"]
    version: int = Field(ge=1)
    format: Literal["delimited", "native"]
    options: Options = Options()
    tables: tuple[Table, ...]

    def table(self, name: str) -> Table:
        return next(table for table in self.tables if table.name == name)


@cache
def kinds() -> list[str]:
    """The kinds of source that ship a contract, by name."""
    return sorted(path.parent.name for path in SOURCES.glob("*/contract.yml"))


@cache
def kinds_with_tables() -> list[str]:
    """The kinds whose tables stand in the lake in their own shape; records of all others become native tables."""
    return [kind for kind in kinds() if "\ntables:" in (SOURCES / kind / "contract.yml").read_text(encoding="utf-8")]


def parse_contract(raw: dict[str, Any], name: str) -> Contract:
    """A contract from its YAML mapping. Raises :class:`ContractError`; ``name`` is how the message calls the file."""
    try:
        groups = raw.get("column_groups", {})
        tables = []
        for table_name, table in raw["tables"].items():
            columns: list[Any] = []
            for column in table["columns"]:
                columns += groups[column["include"]] if "include" in column else [column]
            tables.append({**table, "name": table_name, "columns": columns})
        body = {key: value for key, value in raw.items() if key != "column_groups"}
        return Contract.model_validate({**body, "tables": tables})
    except ValidationError as error:
        raise ContractError(f"{name}: {readable(error)}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ContractError(f"{name}: it is not a contract ({error!r}).") from error


def read_yaml(path: Path) -> Any:
    """What a YAML file holds. Raises ``yaml.YAMLError``."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=YAML_LOADER)  # noqa: S506 - one of the safe loaders


@cache
def load_contract(kind: str) -> Contract:
    """The contract of a kind. Raises :class:`ContractError` when there is none or it is wrong."""
    path = SOURCES / kind / "contract.yml"
    if not path.is_file():
        raise ContractError(f"There is no kind of source {kind!r}; there are: {', '.join([*kinds(), *GENERIC])}.")
    return parse_contract(read_yaml(path), f"{kind}/contract.yml")
