"""`workbench config`: every setting in effect, and where it comes from, secrets hidden; or the example of them all."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from pydantic import SecretStr

from workbench.cli.app import PLAIN, print_json
from workbench.console import tell
from workbench.logs import redact
from workbench.settings.example import example as settings_example
from workbench.settings.fields import NAMES, Settings, read_settings
from workbench.settings.sources import place_of

app = typer.Typer(**PLAIN)


@app.command()
def run(
    *,
    example: Annotated[
        bool, typer.Option("--example", help="Print every setting with its default and reason, as a .env file.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Show every setting in effect, and whether it comes from environment, file or default; secrets are hidden.

    Example: workbench config
    """
    if example:
        if as_json:
            raise typer.BadParameter("it is text, not JSON: leave out --json.", param_hint="--example")
        tell(settings_example(), err=False)
        return
    rows = _rows(read_settings(Settings))
    if as_json:
        print_json(rows)
        return
    widths = [max(len(name) for name in rows), max(len(row["value"]) for row in rows.values())]
    for name, row in rows.items():
        typer.echo(redact(f"{name:<{widths[0]}}  {row['value']:<{widths[1]}}  {row['source']}"))


def _rows(settings: Settings) -> dict[str, dict[str, Any]]:
    """Value and source by name, in the order of the settings."""
    return {
        name: {"value": _shown(getattr(settings, name)), "source": place_of(name, settings.env_file)}
        for name in Settings.model_fields
        if name in NAMES
    }


def _shown(value: Any) -> str:
    """The value as a `.env` file has it; of a secret only that it is set."""
    if value is None or value == ():
        return ""
    if isinstance(value, SecretStr):
        return "(hidden)"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
