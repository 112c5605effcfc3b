"""Write the dbt source definitions from the ingestion contracts, the one place where columns are defined.

Run it after a contract changed (`make sources`); a test fails while the committed files differ from what it writes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ingestion.contract import Column, Contract, kinds_with_tables, load_contract

STAGING = Path(__file__).parent / "models" / "staging"

LINEAGE: dict[str, tuple[str, str]] = {
    "extra": ("varchar", "Columns of the file that the contract does not name, as JSON."),
    "_source_id": ("varchar", "Configured source that delivered the file."),
    "_batch_id": ("varchar", "Batch: one landed file under one contract version."),
    "_file_sha256": ("varchar", "SHA-256 of the landed file."),
    "_row": ("bigint", "1-based record in the file, header not counted."),
    "_path": ("varchar", "JSON path inside the record, for nested rows."),
    "_landed_at": ("timestamp", "When the bytes were landed, UTC."),
    "_observed_at": ("timestamp", "When the source knew this version, UTC; decides which version is current."),
    "_withdrawn": ("boolean", "True when the source takes the record back: no version before it stands any more."),
    "_record_key": ("varchar", "Hash of the source and the natural key: the same for every version of a record."),
    "_content_hash": ("varchar", "Hash of the row's content; settles equal observed times."),
}


def _lake_columns(column: Column) -> list[dict[str, str]]:
    """A contract column as the lake holds it: an instant has its offset beside it."""
    found = [{"name": column.name, "data_type": column.lake_type.lower(), "description": column.description}]
    if column.type == "timestamp":
        text = f"UTC offset of {column.name} as the source gave it, minutes; null when it gave none."
        found.append({"name": f"{column.name}_offset_minutes", "data_type": "smallint", "description": text})
    return found


def source_definition(contract: Contract) -> dict[str, Any]:
    """One dbt source per contract, one table per lake table, with types and descriptions."""
    tables = []
    for table in contract.tables:
        columns = [entry for column in table.columns for entry in _lake_columns(column)]
        columns += [{"name": c, "data_type": kind, "description": text} for c, (kind, text) in LINEAGE.items()]
        tables.append(
            {
                "name": table.name,
                "identifier": f"{contract.kind}__{table.name}",
                "description": f"{table.description} Grain: {table.grain}, all versions.",
                "columns": columns,
            }
        )
    return {
        "version": 2,
        "sources": [
            {
                "name": contract.kind,
                "schema": "lake",
                "description": f"Parquet batches of the {contract.kind} contract; read through the macro lake_table.",
                "tables": tables,
            }
        ],
    }


def rendered(contract: Contract) -> str:
    """The text of one generated file."""
    body = yaml.safe_dump(source_definition(contract), sort_keys=False, allow_unicode=True, width=120)
    return f"# Generated from ingestion/sources/{contract.kind}/contract.yml by `make sources`; do not edit.\n{body}"


def path_of(contract: Contract) -> Path:
    """Where the generated file of a contract stands."""
    return STAGING / contract.kind / f"_{contract.kind}__sources.yml"


def main() -> None:
    """Rewrite every source definition."""
    for contract in map(load_contract, kinds_with_tables()):
        path_of(contract).write_text(rendered(contract), encoding="utf-8")


if __name__ == "__main__":
    main()
