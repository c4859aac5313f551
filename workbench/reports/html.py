"""A report as one HTML file: no script, no request, charts as SVG; made for a screen and for paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from workbench.console import printable
from workbench.reports.model import Block, Column, Report, Section, Table, workbench_version
from workbench.reports.svg import svg

_UNBROKEN = re.compile(r"(?<=[+−])(?=[€$£¥])|(?<=\d–)(?=\d)")
_SHORT = 12
"""Rows of a table that is printed on one page."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root { color-scheme: light; --ink: #1d2430; --muted: #5d6675; --line: #d9dde4; --accent: #2f6fb0; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink);
  font: 15px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 960px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 12px; }
h2 { font-size: 19px; margin: 40px 0 8px; padding-top: 16px; border-top: 1px solid var(--line); }
h3 { font-size: 15px; margin: 24px 0 6px; }
p, ul, h1, h2 { overflow-wrap: anywhere; }
p, ul { margin: 0 0 8px; max-width: 76ch; }
.headline { font-size: 18px; max-width: 66ch; }
.muted, figcaption, caption { color: var(--muted); font-size: 13px; }
figure { margin: 20px 0; }
figure svg { overflow: visible; max-width: 100%; height: auto; display: block; }
figcaption { font-weight: 600; color: var(--ink); margin-bottom: 4px; }
.wide { overflow-x: auto; margin: 16px 0; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; color: var(--ink); padding-bottom: 4px; }
th, td { text-align: left; vertical-align: top; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); }
th { color: var(--muted); font-weight: 600; }
.number + td:not(.number), .number + th:not(.number) { padding-left: 16px; }
.number { text-align: right; white-space: nowrap; }
td { overflow-wrap: break-word; }
footer { margin-top: 48px; padding-top: 16px; border-top: 1px solid var(--line); }
code { font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
a { color: var(--accent); }
@media print {
  @page { size: A4; margin: 16mm 14mm; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2, h3, caption { break-after: avoid; }
  figure, tr, .short { break-inside: avoid; }
  thead { display: table-header-group; }
  table { font-size: 8.5pt; }
  th, td { padding-right: 6px; }
  .wide { overflow: visible; }
}
"""


def html(report: Report) -> str:
    """The report as a page that needs nothing beside it."""
    numbers = iter(range(1_000))
    parts = [
        f"<h1>{safe(report.title)}</h1>",
        f'<p class="headline">{safe(report.headline)}</p>',
        *(piece for section in report.sections for piece in _section(section, report.pin.currency, numbers)),
        _footer(report),
    ]
    return page(report.title, parts)


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page of finished pieces."""
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{safe(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def safe(text: str) -> str:
    """A text in which nothing is markup, and no control character is left; amounts and spans stay on one line."""
    return _UNBROKEN.sub("\N{WORD JOINER}", escape(with_sign(printable(text))))


def with_sign(text: str) -> str:
    """A text whose percent signs stay beside their numbers."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def _section(section: Section, currency: str | None, numbers: Iterator[int]) -> Iterator[str]:
    yield f"<h2>{safe(section.title)}</h2>"
    if section.sentences:
        yield f"<ul>{''.join(f'<li>{safe(text)}</li>' for text in section.sentences)}</ul>"
    yield from _blocks(section.blocks)
    for chart in section.charts:
        drawn = svg(chart.specification, next(numbers))
        yield f"<figure><figcaption>{safe(chart.text)}</figcaption>{drawn}</figure>"
    for table in section.tables:
        if table.columns:
            yield _table(table, currency)


def _blocks(blocks: Iterable[Block]) -> Iterator[str]:
    """Headings and paragraphs; items that follow one another are one list."""
    items: list[str] = []
    for block in (*blocks, None):
        if block is not None and block.kind == "item":
            items.append(f"<li>{safe(block.text)}</li>")
            continue
        if items:
            yield f"<ul>{''.join(items)}</ul>"
            items.clear()
        if block is not None:
            tag = "h3" if block.kind == "heading" else "p"
            yield f"<{tag}>{safe(block.text)}</{tag}>"


def _table(table: Table, currency: str | None) -> str:
    classes = ["" if column.kind == "text" else ' class="number"' for column in table.columns.values()]
    head = "".join(f"<th{kind}>{safe(column.label)}</th>" for kind, column in _beside(classes, table))
    rows = table.rows(currency)
    body = "".join(
        f"<tr>{''.join(f'<td{kind}>{safe(cell)}</td>' for kind, cell in zip(classes, row, strict=True))}</tr>"
        for row in rows
    )
    more = table.frame.height - len(rows)
    rest = f'<p class="muted">{more:,} more in the file {safe(table.name)}.</p>' if more > 0 else ""
    caption = f"<caption>{safe(table.title)}</caption>"
    kind = "wide short" if len(rows) <= _SHORT else "wide"
    return (
        f'<div class="{kind}"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{rest}'
    )


def _beside(classes: list[str], table: Table) -> Iterable[tuple[str, Column]]:
    return zip(classes, table.columns.values(), strict=True)


def _footer(report: Report) -> str:
    facts = (
        f"Made of the snapshot {report.pin.snapshot} by workbench {workbench_version()}.",
        f"SHA-256 of the data: {report.data_hash}",
    )
    lines = "".join(f"<p>{safe(fact)}</p>" for fact in facts)
    again = f"<p>To make it again: <code>{safe(command(report.again))}</code></p>"
    return f'<footer class="muted">{lines}{again}</footer>'


def command(words: Iterable[str]) -> str:
    """Words of a command as a shell takes them."""
    import shlex

    return shlex.join(words)
