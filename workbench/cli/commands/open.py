"""`workbench open`: the pages for their owner."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench import logs
from workbench.cli.app import PLAIN
from workbench.cli.options import only_with
from workbench.files import make_private_folder
from workbench.paths import shipped
from workbench.settings.fields import ReaderSettings, read_settings
from workbench.web.serve import serve_to_owner

app = typer.Typer(**PLAIN)


@app.command()
def run(
    *,
    editor: Annotated[bool, typer.Option("--edit", help="Open marimo's editor instead of the finished pages.")] = False,
    own: Annotated[
        bool, typer.Option("--own", help="With --edit: the folder of notebooks of your own (WORKBENCH_NOTEBOOKS).")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="On loopback; 0 takes a free one.")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address only.")] = False,
) -> None:
    """Open the pages on this machine, for you alone, behind a one-time token; Ctrl-C stops.

    Example: workbench open
    """
    only_with(own, "--own", "--edit", there=editor)
    settings = read_settings(ReaderSettings)
    logs.configure(settings.log_dir, level=settings.LOG_LEVEL)
    if not editor:
        serve_to_owner(port=port or None, browser=not no_browser)
        return
    from workbench.web.editor import edit

    folder = shipped("notebooks")
    if own:
        folder = settings.notebook_dir
        make_private_folder(folder)
    edit(folder, port=port or None, browser=not no_browser)
