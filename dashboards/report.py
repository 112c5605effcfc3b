"""A page to take along: one HTML file that stands alone, made of what the page shows, for the board or the archive."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

import vl_convert

from dashboards.charts import Drawing

PAPER_WIDTH = 720
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1c242c; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; }
h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid #ccd; }
.note { color: #51606e; font-size: .85rem; } .figures { display: flex; flex-wrap: wrap; gap: 1rem; }
.figure { border: 1px solid #ccd; border-radius: .5rem; padding: .7rem 1rem; min-width: 12rem; }
.figure b { display: block; font-size: 1.5rem; } table { border-collapse: collapse; width: 100%; font-size: .85rem; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #dde; text-align: right; font-weight: 400; }
.bh-words { text-align: left; } thead th { color: #51606e; } tfoot th, tfoot td { font-weight: 650; }
svg { max-width: 100%; height: auto; } a { color: inherit; text-decoration: none; }
@media print { body { margin: 0; } h2, .figure, svg { break-inside: avoid; } }
"""


@dataclass(frozen=True)
class Shown:
    """A figure as the page words it; ``note`` says how it moved and what it is compared with."""

    label: str
    value: str
    note: str


@dataclass
class Report:
    """What a page has shown so far, in order, as HTML; charts are drawn when the report is asked for.

    ``figures`` are those of its cards once more, for a text that names them.
    """

    parts: list[str | Drawing] = field(default_factory=list)
    figures: list[Shown] = field(default_factory=list)

    def heading(self, text: str) -> None:
        self.parts.append(f"<h2>{escape(text)}</h2>")

    def note(self, text: str) -> None:
        self.parts.append(f'<p class="note">{escape(text)}</p>')

    def figure(self, label: str, value: str, note: str) -> None:
        self.figures.append(Shown(label, value, note))
        self.parts.append(
            f'<div class="figure">{escape(label)}<b>{escape(value)}</b><span class="note">{escape(note)}</span></div>'
        )

    def table(self, html: str) -> None:
        self.parts.append(html)

    def chart(self, drawing: Drawing) -> None:
        self.parts.append(drawing)

    def html(self, title: str, about: list[str], language: str) -> bytes:
        """The whole file, UTF-8.

        Args:
            title: of the page.
            about: lines that say what is shown: months, filters, as-of, publish.
            language: its code, for screen readers.
        """
        body = "\n".join(part if isinstance(part, str) else svg(part) for part in self.parts)
        lines = "".join(f'<p class="note">{escape(line)}</p>' for line in about)
        return (
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{lines}{body}</body></html>"
        ).encode()


def svg(drawing: Drawing) -> str:
    """A chart as an SVG picture, drawn without a browser and without the network."""
    drawn: str = vl_convert.vegalite_to_svg(_fixed(drawing), allowed_base_urls=[])
    return drawn


def png(drawing: Drawing) -> bytes:
    """A chart as a PNG picture at twice its size, on white."""
    drawn: bytes = vl_convert.vegalite_to_png(_fixed(drawing), scale=2, allowed_base_urls=[])
    return drawn


def _fixed(drawing: Drawing) -> dict[str, Any]:
    """On paper a chart has no container to be as wide as, and its ground is white."""
    specification: dict[str, Any] = drawing.properties(width=PAPER_WIDTH).to_dict()
    return specification | {"background": "white"}
