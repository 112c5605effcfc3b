"""The second dialect: every model compiles for Spark, and what engines differ in stands in macros/engine alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from backhaul.settings import PROJECT

DBT = PROJECT / "dbt_project"
MODELS = sorted((DBT / "models").rglob("*.sql"))
# What only DuckDB understands, or understands otherwise: such words belong behind a macro.
ONLY_DUCKDB = re.compile(
    r"\b(read_parquet|read_json|read_csv|glob|unnest|list_\w+|struct_pack|map_\w+|json_extract\w*|arg_max|arg_min"
    r"|quantile_cont|generate_series|date_diff|datediff|epoch\w*|strftime)\s*\("
    r"|\b(hugeint|varchar|anti join|positional join|asof join|by name|group by all|order by all|exclude)\b|::|//",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the SQL that dbt writes for Spark; no engine is asked anything."""
    home = tmp_path_factory.mktemp("spark")
    # the adapter asks whether its client could be imported, and compiling never uses it
    (home / "client").mkdir()
    (home / "client" / "pyspark.py").touch()
    command = [
        str(Path(sys.executable).with_name("dbt")), "compile", "--target", "spark", "--project-dir", str(DBT),
        "--profiles-dir", str(DBT), "--no-introspect", "--no-populate-cache", "--target-path", str(home / "target"),
        "--log-path", str(home / "logs"),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(home / "client"), "BACKHAUL_LAKE": str(home / "lake")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    return home / "target" / "compiled" / "backhaul" / "models"


def test_every_model_compiles_for_spark(compiled: Path) -> None:
    written = {path.stem for path in compiled.rglob("*.sql")}
    assert {model.stem for model in MODELS} - written == set()


def test_what_is_compiled_reads_as_spark(compiled: Path) -> None:
    for path in compiled.rglob("*.sql"):
        for tree in sqlglot.parse(path.read_text(encoding="utf-8"), read="spark"):
            assert tree is not None, path.name
            unknown = {node.name for node in tree.walk() if isinstance(node, exp.Anonymous)}
            assert not unknown, f"{path.name}: no function of Spark: {unknown}"


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_a_model_leaves_what_engines_differ_in_to_the_macros(model: Path) -> None:
    text = re.sub(r"--[^\n]*|\{#.*?#\}|'[^'\n]*'", "", model.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not ONLY_DUCKDB.findall(text)
