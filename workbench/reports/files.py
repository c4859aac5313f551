"""Write a report: HTML, PDF, Excel, or a folder of CSV files with `about.json`; each file whole or not at all."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from workbench.errors import StorageError
from workbench.files import make_private_folder, write_output
from workbench.reports.html import html
from workbench.reports.model import Report
from workbench.reports.pdf import pdf
from workbench.reports.workbook import workbook
from workbench.schema.snapshot_names import moment_of


def _html(report: Report) -> bytes:
    return html(report).encode("utf-8", "xmlcharrefreplace")


def _excel(report: Report) -> bytes:
    created = moment_of(report.pin.snapshot)
    return workbook({table.name: table.frame for table in report.tables}, created=created)


def about(report: Report) -> bytes:
    """What the report is, as JSON."""
    return json.dumps(report.about(), ensure_ascii=False, indent=2).encode() + b"\n"


ENCODERS: Mapping[str, Callable[[Report], bytes]] = {"html": _html, "pdf": pdf, "xlsx": _excel}
FORMATS = (*ENCODERS, "csv")
"""`csv` is a folder."""


def write_report(report: Report, form: str, target: Path) -> None:
    """Write one file, or for `csv` a folder.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        if form != "csv":
            write_output(target, ENCODERS[form](report))
            return
        make_private_folder(target)
        for name, content in _folder(report).items():
            write_output(target / name, content)
    except OSError as error:
        raise StorageError(
            f"The report {target} cannot be written.",
            why=f"{error.strerror or error}.",
            next_step="Choose another place with --output.",
        ) from error


def zipped(report: Report) -> bytes:
    """The folder of CSV files as one zip file; the same report makes the same bytes."""
    file = io.BytesIO()
    moment = moment_of(report.pin.snapshot).timetuple()[:6]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in _folder(report).items():
            folder.writestr(zipfile.ZipInfo(name, moment), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _folder(report: Report) -> dict[str, bytes]:
    """Every table as CSV, and what they are, by name of the file."""
    return {**{f"{table.name}.csv": table.csv for table in report.tables}, "about.json": about(report)}
