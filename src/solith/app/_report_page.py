"""The page of every report: one template, one style, the drawing library once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from plotly.offline import get_plotlyjs

__all__ = ["Panel", "panels_html", "render_page"]

# A page with more sections than this would begin with a wall of links.
_MOST_LINKS = 12


@dataclass(frozen=True)
class Panel:
    """A figure with its title and one sentence; ``group`` is the heading it stands under."""

    group: str
    title: str
    caption: str
    figure: Any
    wide: bool = False


def render_page(
    *, kind: str, title: str, question: str, sections: Sequence[tuple[str, str, str]]
) -> str:
    """One self-contained HTML page (UTF-8 text) that loads nothing.

    ``kind`` says what sort of report it is, ``question`` is a sentence under the title (or
    empty); each section is its name, its heading (both escaped here) and its HTML.
    """
    links = "".join(f'<a href="#{name}">{escape(heading)}</a>' for name, heading, _ in sections)
    body = "".join(
        f'<section id="{name}"><h2>{escape(heading)}</h2>{content}</section>'
        for name, heading, content in sections
    )
    return Template(_beside("_report_page.html")).substitute(
        kind=escape(kind),
        title=escape(title),
        question=f'<p class="question">{escape(question)}</p>' if question else "",
        links=links if len(sections) <= _MOST_LINKS else "",
        body=body,
        style=_beside("_report_style.css"),
        library=get_plotlyjs().replace("</script", "<\\/script"),
    )


def panels_html(panels: Sequence[Panel], first: int) -> str:
    """Figures side by side where there is room, numbered from ``first``."""
    figures = "".join(_figure(number, panel) for number, panel in enumerate(panels, first))
    return f'<div class="panels">{figures}</div>'


def _figure(number: int, panel: Panel) -> str:
    """A figure with its data and its caption; the page's script draws it."""
    data = json.dumps(json.loads(panel.figure.to_json()), separators=(",", ":"))
    # No data can end the script element or begin a comment in it.
    for sign in "<>&\u2028\u2029":
        data = data.replace(sign, f"\\u{ord(sign):04x}")
    height = int(panel.figure.layout.height)
    return (
        f"<figure{' class=wide' if panel.wide else ''}>"
        f'<div class="plot" id="figure-{number}" style="height:{height}px"></div>'
        f'<script type="application/json" data-figure="figure-{number}">{data}</script>'
        f"<figcaption><b>Figure {number}. {escape(panel.title)}.</b> {escape(panel.caption)}"
        "</figcaption></figure>"
    )


def _beside(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
