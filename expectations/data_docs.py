"""Data Docs that keep to themselves.

The pages that Great Expectations writes fetch styles, scripts and a counted logo from a dozen hosts whenever somebody
opens them, and without a network their index stays empty. Here each page is made to stand alone, and the index is ours.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

SHOWN_RUNS = 300
MARK = "<!-- stands alone -->"
# Everything that makes a browser fetch something, the scripts that need what was fetched, and the advertisement.
FETCHING = re.compile(
    r"<script\b.*?</script>|<link\b[^>]*\bhref=[\"']https?:[^>]*>|<img\b[^>]*\bsrc=[\"']https?:[^>]*>|<footer\b.*?</footer>",
    re.DOTALL | re.IGNORECASE,
)
STYLE = """
:root { color-scheme: light dark; --line: #8884; --muted: #888; --good: #0072b2; --bad: #d55e00; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3, h4 { line-height: 1.25; } nav, ol.breadcrumb { list-style: none; padding: 0; color: var(--muted); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
a { color: var(--good); } .failed { color: var(--bad); font-weight: 600; } .card { margin: 1rem 0; }
.btn-group, .modal, .popover, .cooltip .top { display: none; } ul { padding-left: 1.2rem; }
"""
INDEX = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Data Docs</title><style>{{ style }}</style></head><body>
<h1>Data Docs</h1>
<p>What the gates checked, newest first: batches before they are committed, marts before they are published.</p>
<table><thead><tr><th>Suite</th><th>When (UTC)</th><th>Outcome</th><th>Expectations met</th></tr></thead><tbody>
{% for run in runs %}<tr>
<td><a href="{{ run.page }}">{{ run.suite }}</a></td><td>{{ run.when }}</td>
<td class="{{ run.outcome }}">{{ run.outcome }}</td>
<td>{{ run.met }} of {{ run.checked }}</td>
</tr>{% endfor %}
</tbody></table></body></html>
"""


@dataclass(frozen=True)
class ShownRun:
    """One validation as the index lists it: passed, warned or failed; ``page`` is relative to the index."""

    suite: str
    when: str
    page: str
    outcome: str
    met: int
    checked: int


def stand_alone(pages: Path, results: Path) -> None:
    """Rewrite what is new below ``pages`` and write the index from the stored ``results``."""
    for page in pages.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        if MARK not in text:
            kept = FETCHING.sub("", text).replace("</head>", f"<style>{STYLE}</style>{MARK}</head>", 1)
            page.write_text(kept, encoding="utf-8")
    stored = sorted(results.rglob("*.json"), key=lambda path: path.parent.name, reverse=True)[:SHOWN_RUNS]
    runs = [run for run in (_read(path, pages, results) for path in stored) if run is not None]
    index = Environment(autoescape=True).from_string(INDEX).render(style=STYLE, runs=runs)
    (pages / "index.html").write_text(index, encoding="utf-8")


def _read(path: Path, pages: Path, results: Path) -> ShownRun | None:
    page = Path("validations") / path.relative_to(results).with_suffix(".html")
    if not (pages / page).is_file():
        return None
    result = json.loads(path.read_text(encoding="utf-8"))
    broken = {item["expectation_config"]["severity"] for item in result["results"] if not item["success"]}
    moment = path.parent.name  # 20261124T210330.921416Z
    return ShownRun(
        suite=path.relative_to(results).parts[0],
        when=f"{moment[:4]}-{moment[4:6]}-{moment[6:8]} {moment[9:11]}:{moment[11:13]}",
        page=page.as_posix(),
        outcome="failed" if "critical" in broken else "warned" if broken else "passed",
        met=int(result["statistics"]["successful_expectations"]),
        checked=int(result["statistics"]["evaluated_expectations"]),
    )
