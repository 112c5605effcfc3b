"""Running Great Expectations on a small frame: results as rows, and a page in Data Docs.

Great Expectations takes about ten seconds to import, so it is imported only when there is something to validate.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock

from backhaul.settings import Settings
from expectations.data_docs import stand_alone

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

Severity = Literal["fail", "warn"]


@dataclass(frozen=True)
class Expectation:
    """One expectation by Great Expectations' own type name and arguments, e.g. ``expect_column_values_to_be_between``.

    ``name`` is how results call it; ``fail`` stops what the suite guards, ``warn`` is reported only.
    """

    name: str
    type: str
    arguments: dict[str, Any]
    severity: Severity = "fail"
    description: str = ""


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one expectation. ``failing`` names the offending rows by the frame's key columns."""

    suite: str
    expectation: str
    success: bool
    severity: Severity
    observed: str
    failing: list[dict[str, Any]] = field(default_factory=list)


def validate(
    settings: Settings,
    frame: pd.DataFrame,
    suite_name: str,
    expectations: list[Expectation],
    keys: list[str],
) -> list[CheckResult]:
    """Validate a frame (any grain; ``keys`` identify its rows) and add the result to Data Docs.

    Raises ``RuntimeError`` when an expectation can't be evaluated: a check that does not run is no check.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    import great_expectations as gx
    from great_expectations.checkpoint.actions import UpdateDataDocsAction
    from great_expectations.expectations.metadata_types import FailureSeverity
    from great_expectations.expectations.registry import get_expectation_impl

    root = settings.root / "gx"
    root.mkdir(parents=True, exist_ok=True)
    # Its stores are plain files without a lock of their own.
    with FileLock(root / "run.lock"):
        context = _context(root, settings.data_docs)
        suite = context.suites.add_or_update(
            gx.ExpectationSuite(
                name=suite_name,
                expectations=[
                    get_expectation_impl(item.type)(
                        **item.arguments,
                        severity=FailureSeverity.CRITICAL if item.severity == "fail" else FailureSeverity.WARNING,
                        description=item.description or None,
                        meta={"name": item.name},
                    )
                    for item in expectations
                ],
            )
        )
        asset = context.data_sources.add_pandas("frames").add_dataframe_asset(suite_name)
        data = asset.add_batch_definition_whole_dataframe("whole")
        definition = context.validation_definitions.add_or_update(
            gx.ValidationDefinition(name=suite_name, data=data, suite=suite)
        )
        checkpoint = context.checkpoints.add_or_update(
            gx.Checkpoint(
                name=suite_name,
                validation_definitions=[definition],
                actions=[UpdateDataDocsAction(name="data_docs")],
                result_format={"result_format": "COMPLETE", "unexpected_index_column_names": keys},
            )
        )
        outcome = checkpoint.run(batch_parameters={"dataframe": frame})
        stand_alone(settings.data_docs, root / "uncommitted" / "validations")
    by_name = {item.name: item for item in expectations}
    [run] = outcome.run_results.values()
    return [_as_row(suite_name, by_name, result, keys) for result in run.results]


def _context(root: Path, data_docs: Path) -> EphemeralDataContext:
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        FilesystemStoreBackendDefaults,
        ProgressBarsConfig,
    )

    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(data_docs)},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
    config = DataContextConfig(
        store_backend_defaults=FilesystemStoreBackendDefaults(root_directory=str(root)),
        data_docs_sites={"backhaul": site},
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _as_row(suite: str, by_name: dict[str, Expectation], result: Any, keys: list[str]) -> CheckResult:
    item = by_name[result.expectation_config.meta["name"]]
    problem = (result.exception_info or {}).get("exception_message") or next(
        (
            info["exception_message"]
            for info in (result.exception_info or {}).values()
            if isinstance(info, dict) and info.get("raised_exception")
        ),
        None,
    )
    if problem:
        raise RuntimeError(f"{suite}: the expectation {item.name} could not be evaluated: {problem}")
    body = result.result
    failing = [{key: row[key] for key in keys if key in row} for row in body.get("unexpected_index_list") or []]
    observed = body.get("observed_value", body.get("partial_unexpected_list", []))
    return CheckResult(
        suite=suite,
        expectation=item.name,
        success=bool(result.success),
        severity=item.severity,
        observed=json.dumps(observed, default=str)[:500],
        failing=failing,
    )
