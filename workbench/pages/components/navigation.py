"""Draw the links on top of every page, its title, and section headings."""

from __future__ import annotations

from urllib.parse import urlencode

import marimo as mo

from workbench.analytics.formatting import text
from workbench.app_context import current
from workbench.pages.components.style import STYLE, styled
from workbench.schema.pages import LABELS


def navigation(page: str, chosen: dict[str, str] | None = None) -> mo.Html:
    """The pages of this app, this one marked; links carry `chosen` along. By itself a notebook has no links."""
    query = f"?{urlencode(chosen)}" if chosen else ""
    links = [_link(name, page, text(query)) for name in LABELS if name in current().pages]
    if current().way_out:
        links.append(f'<a href="{text(current().way_out)}">Sign out</a>')
    return mo.Html(STYLE + styled(f'<nav class="wb-nav"><b>LinkedIn Ads Workbench</b>{"".join(links)}</nav>'))


def heading(title: str, sentence: str = "") -> mo.Html:
    """The page's title, a question, and one sentence."""
    lead = f"<p>{text(sentence)}</p>" if sentence else ""
    return mo.Html(styled(f'<header class="wb-head"><h1>{text(title)}</h1>{lead}</header>'))


def section(title: str, aside: str = "") -> mo.Html:
    """A section's heading, with a quieter remark beside it."""
    small = f" <small>{text(aside)}</small>" if aside else ""
    return mo.Html(styled(f"<h2>{text(title)}{small}</h2>"))


def _link(name: str, page: str, query: str) -> str:
    here = ' aria-current="page"' if name == page else ""
    return f'<a href="../{name}/{query}"{here}>{LABELS[name]}</a>'
