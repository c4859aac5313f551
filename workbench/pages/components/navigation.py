"""Draw the links on top of every page, its title, and section headings."""

from __future__ import annotations

import sys
from urllib.parse import urlencode

import marimo as mo

from workbench.analytics.formatting import text
from workbench.app_context import current
from workbench.console import tell
from workbench.pages.components.style import STYLE, styled
from workbench.pages.components.url_params import help_asked
from workbench.schema.pages import GROUP_LABELS, PAGES

_USAGE = """{title} {sentence}

Usage: python {script} [-- CHOICES]

Pages with figures take the same choices as in their address. A wrong value is answered with the legal ones.

  --source SOURCE      database, snapshots or sample
  --as-of DAY          with snapshots: as known at the end of that UTC day, YYYY-MM-DD
  --account ID         only this ad account; several with commas
  --period PERIOD      28d, 2026-11, or 2026-11-01..2026-11-15
  --objective NAME     only this objective, such as LEAD_GENERATION
  --campaign-group ID  only this campaign (the API's campaign group)

Other choices have the name that the page writes into its address, such as --metric on the overview.

Example: python {script} -- --source sample --period 28d"""


def navigation(page: str, chosen: dict[str, str] | None = None) -> mo.Html:
    """The pages of this app, this one marked; links carry `chosen` along. By itself a notebook has no links."""
    query = f"?{urlencode(chosen)}" if chosen else ""
    links = [part for label, names in _groups().items() if (part := _group(label, names, page, text(query)))]
    if current().way_out:
        links.append(f'<a href="{text(current().way_out)}">Sign out</a>')
    skip = '<a class="wb-skip" href="#page">Skip to the page</a>'
    return mo.Html(
        STYLE
        + styled(f'{skip}<nav class="wb-nav" aria-label="Pages"><b>LinkedIn Ads Workbench</b>{"".join(links)}</nav>')
    )


def heading(title: str, sentence: str = "") -> mo.Html:
    """The page's title, a question, and one sentence; as a script that is asked for help, how it is used."""
    if help_asked():
        tell(_USAGE.format(title=title, sentence=sentence, script=sys.argv[0]), err=False)
        sys.exit()
    lead = f"<p>{text(sentence)}</p>" if sentence else ""
    return mo.Html(styled(f'<header class="wb-head" id="page" tabindex="-1"><h1>{text(title)}</h1>{lead}</header>'))


def section(title: str, aside: str = "") -> mo.Html:
    """A section's heading, with a quieter remark beside it."""
    small = f" <small>{text(aside)}</small>" if aside else ""
    return mo.Html(styled(f"<h2>{text(title)}{small}</h2>"))


def _groups() -> dict[str, dict[str, str]]:
    """The pages of this app with their labels, by group; notebooks of the installation come last."""
    here = current()
    ours = {
        label: {one.name: one.label for one in PAGES if one.group == group and one.name in here.pages}
        for group, label in GROUP_LABELS.items()
    }
    return {**ours, "Yours": {name: label for name, label in here.labels.items() if name in here.pages}}


def _group(label: str, names: dict[str, str], page: str, query: str) -> str:
    """The links of a group behind its name; nothing where it has none."""
    links = "".join(_link(name, text(title), page, query) for name, title in names.items())
    return f'<span class="g"><i>{label}</i>{links}</span>' if links else ""


def _link(name: str, label: str, page: str, query: str) -> str:
    here = ' aria-current="page"' if name == page else ""
    return f'<a href="../{name}/{query}"{here}>{label}</a>'
