"""A report as PDF, set by typst in this process; names and texts reach it as data, never as markup."""

from __future__ import annotations

import json
from typing import Any

from workbench.console import printable
from workbench.reports.extras import optional
from workbench.reports.html import command, with_sign
from workbench.reports.model import Report, Table, workbench_version
from workbench.reports.svg import svg
from workbench.schema.snapshot_names import moment_of

TEMPLATE = """
#let report = json("report.json")
#set document(title: report.title)
#set page(paper: "a4", margin: (x: 16mm, y: 18mm), footer: context [
  #set text(size: 7.5pt, fill: luma(90))
  #report.title #h(1fr) #counter(page).display()
])
#set text(font: ("Inter", "Helvetica Neue", "Arial", "Liberation Sans", "Noto Sans", "DejaVu Sans"),
  fallback: true, size: 9pt, lang: "en")
#set par(justify: false)
#show heading.where(level: 1): set text(size: 16pt)
#show heading.where(level: 2): set text(size: 12pt)
#show heading: set block(above: 1.4em, below: 0.7em)
= #report.title
#text(size: 11pt, report.headline)
#for section in report.sections {
  heading(level: 2, section.title)
  for sentence in section.sentences [- #sentence]
  for block in section.blocks {
    if block.kind == "heading" { heading(level: 3, block.text) }
    else if block.kind == "item" [- #block.text]
    else { par(block.text) }
  }
  for chart in section.charts {
    block(breakable: false, width: 100%)[
      *#chart.text*
      #image(chart.file, width: 84%)
    ]
  }
  for entry in section.tables {
    v(4pt)
    block(sticky: true, strong(entry.title))
    set text(size: 7pt)
    table(
      columns: entry.widths.map(part => part * 1fr),
      align: (x, y) => if entry.numbers.at(x) { right } else { left },
      stroke: (x, y) => (bottom: 0.4pt + luma(200)),
      inset: (x: 3pt, y: 3pt),
      table.header(..entry.head.map(label => text(fill: luma(90), weight: "bold", label))),
      ..entry.rows.flatten().map(cell => [#cell]),
    )
    if entry.more != "" { text(size: 8pt, fill: luma(90), entry.more) }
  }
}
#v(10pt)
#set text(size: 7.5pt, fill: luma(90))
#for fact in report.facts { par(fact) }
#raw(report.hash) \
#raw(report.again)
"""


def pdf(report: Report) -> bytes:
    """The report as a PDF file."""
    typst = optional("typst", "report", "The PDF")
    files: dict[str, bytes] = {"main.typ": TEMPLATE.encode()}
    sections: list[dict[str, Any]] = []
    for section in report.sections:
        drawn = []
        for chart in section.charts:
            name = f"chart-{len(files)}.svg"
            files[name] = svg(chart.specification, len(files)).encode()
            drawn.append({"text": printable(chart.text), "file": name})
        sections.append(
            {
                "title": section.title,
                "sentences": [with_sign(printable(text)) for text in section.sentences],
                "blocks": [{"kind": block.kind, "text": printable(block.text)} for block in section.blocks],
                "charts": drawn,
                "tables": [_table(one, report.pin.currency) for one in section.tables if one.columns],
            }
        )
    facts = [
        f"Made of the snapshot {report.pin.snapshot} by workbench {workbench_version()}.",
        "SHA-256 of the data, and the command that makes it again:",
    ]
    whole = {
        "title": printable(report.title),
        "headline": with_sign(printable(report.headline)),
        "sections": sections,
        "facts": facts,
        "hash": report.data_hash,
        "again": printable(command(report.again)),
    }
    files["report.json"] = json.dumps(whole, ensure_ascii=False).encode("utf-8", "replace")
    made = typst.compile(files, format="pdf", timestamp=int(moment_of(report.pin.snapshot).timestamp()))
    return bytes(made)


def _table(table: Table, currency: str | None) -> dict[str, Any]:
    rows = [[with_sign(printable(cell)) for cell in row] for row in table.rows(currency)]
    more = table.frame.height - len(rows)
    numbers = [column.kind != "text" for column in table.columns.values()]
    labels = [column.label for column in table.columns.values()]
    longest = [max(map(len, column)) for column in zip(labels, *rows, strict=True)]
    return {
        "title": table.title,
        "head": labels,
        "numbers": numbers,
        "widths": [min(30, max(size, 7)) for size in longest],
        "rows": rows,
        "more": f"{more:,} more in the file {table.name}." if more > 0 else "",
    }
