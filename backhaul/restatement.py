"""The metrics as each publish knew them: what July was in August, what it is now, and which component moved it.

A publish appends only what changed since the last one, so the history grows with the news and not with the calendar.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from backhaul.ledger import BuildRecord

TABLE = "marts.mart_kpi_as_known"
KEY = "kpi_id, period_month, slice_dimension, slice_member"

# The whole of a metric and its components: the components are the cause of a move.
_NOW = "select * from core.fct_kpi where slice_dimension in ('ALL', 'COMPONENT')"
_LAST = f"""
    select * exclude (known_rank)
    from (
        select *, row_number() over (partition by {KEY} order by as_of desc, publish_id desc) as known_rank
        from {TABLE}
    )
    where known_rank = 1
"""

VIEW = "marts.mart_restatement"
VIEW_COMMENT = (
    "How a month's figure moved since it was first published, as a whole (slice ALL) and by component: the component "
    "that moved is the cause. Grain: one row per metric, month and component."
)
VIEW_COLUMNS = {
    "kpi_id": "Metric of the catalogue (dim_kpi).",
    "period_month": "First day of the UTC month.",
    "slice_dimension": "ALL for the metric as a whole, COMPONENT for one of its parts.",
    "slice_member": "Component; empty for ALL.",
    "first_publish_id": "Publish that first knew the metric of the month.",
    "first_as_of": "Latest event known then, UTC.",
    "first_numerator": "What the figure summed then; null for a component that was not known yet.",
    "first_denominator": "What it was divided by then.",
    "first_value": "The figure then.",
    "last_publish_id": "Publish that last changed it.",
    "last_as_of": "Latest event known at that change, UTC.",
    "last_numerator": "What the figure sums now; null when nothing counts any more.",
    "last_denominator": "What it is divided by now.",
    "last_value": "The figure now.",
    "numerator_change": "What the numerator gained or lost since.",
    "denominator_change": "What the denominator gained or lost since.",
    "change_count": "Publishes that changed it.",
}
# A component that the first publish of the month did not know began at nothing: so the components' changes add up.
_VIEW_SQL = f"""
create view {VIEW} as
with ordered as (
    select
        *,
        row_number() over (partition by {KEY} order by as_of desc, publish_id desc) as last_rank,
        count(*) over (partition by {KEY}) as known_count,
        first(publish_id) over (partition by kpi_id, period_month order by as_of, publish_id) as first_publish_id,
        min(as_of) over (partition by kpi_id, period_month) as first_as_of
    from {TABLE}
),

opening as (
    select * from ordered where publish_id = first_publish_id
)

select
    closing.kpi_id,
    closing.period_month,
    closing.slice_dimension,
    closing.slice_member,
    closing.first_publish_id,
    closing.first_as_of,
    opening.numerator as first_numerator,
    opening.denominator as first_denominator,
    opening.value as first_value,
    closing.publish_id as last_publish_id,
    closing.as_of as last_as_of,
    closing.numerator as last_numerator,
    closing.denominator as last_denominator,
    closing.value as last_value,
    coalesce(closing.numerator, 0) - coalesce(opening.numerator, 0) as numerator_change,
    coalesce(closing.denominator, 0) - coalesce(opening.denominator, 0) as denominator_change,
    closing.known_count - case when opening.publish_id is null then 0 else 1 end as change_count
from ordered as closing
left join opening using ({KEY})
where closing.last_rank = 1
"""


def carry(connection: duckdb.DuckDBPyConnection, build: BuildRecord, before: Path | None) -> None:
    """Carry the history of the last publish over into a candidate, and append what this build knows otherwise."""
    if before is not None and before.exists():
        connection.execute(f"attach '{str(before).replace(chr(39), chr(39) * 2)}' as before (read_only)")
        connection.execute(f"insert into {TABLE} by name select * from before.{TABLE}")
        connection.execute("detach before")
        # a history that began before components were kept
        connection.execute(
            f"update {TABLE} set slice_dimension = 'ALL', slice_member = '' where slice_dimension is null"
        )
    connection.execute(
        f"""
        insert into {TABLE} by name
        with now as ({_NOW}), last as ({_LAST})
        select $publish_id as publish_id, {KEY}, now.numerator, now.denominator, now.value, now.coverage, now.as_of
        from now
        left join last using ({KEY})
        where
            last.publish_id is null
            or (now.numerator, now.denominator, now.value, now.coverage)
            is distinct from (last.numerator, last.denominator, last.value, last.coverage)
        """,
        {"publish_id": build.build_id},
    )
    # what nothing counts in any more was known once, and is not forgotten
    connection.execute(
        f"""
        insert into {TABLE} by name
        with now as ({_NOW}), last as ({_LAST})
        select $publish_id as publish_id, {KEY}, (select max(as_of) from core.fct_kpi) as as_of
        from last
        anti join now using ({KEY})
        where last.numerator is not null
        """,
        {"publish_id": build.build_id},
    )


def define_view(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the view that sets each figure's first state beside its present one, with comments."""
    connection.execute(_VIEW_SQL)
    connection.execute(f"comment on view {VIEW} is $${VIEW_COMMENT}$$")
    for name, text in VIEW_COLUMNS.items():
        connection.execute(f"comment on column {VIEW}.{name} is $${text}$$")
