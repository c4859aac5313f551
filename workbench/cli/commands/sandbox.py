"""`workbench sandbox`: run the invented LinkedIn alone."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from workbench.cli.app import PLAIN
from workbench.cli.options import day_option
from workbench.paths import loopback_address
from workbench.sandbox import serve
from workbench.sandbox.world.inventions import SIZES, WORLDS

app = typer.Typer(**PLAIN)


@app.command()
def run(
    *,
    world: Annotated[
        str, typer.Option(help="believable: accounts one could have; hostile: names and settings that break things.")
    ] = "believable",
    size: Annotated[str, typer.Option(help="small, medium or large.")] = "small",
    port: Annotated[int, typer.Option(min=0, max=65535, help="On loopback; 0 takes a free one.")] = 8770,
    today: Annotated[date | None, day_option("The sandbox's day; the real one if left out.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed, another world.")] = 1,
) -> None:
    """Run a LinkedIn of invented data on loopback until Ctrl-C; prints the lines for `.env`.

    Example: workbench sandbox --size medium
    """
    for option, chosen, legal in (("--world", world, WORLDS), ("--size", size, SIZES)):
        if chosen not in legal:
            raise typer.BadParameter(f"{chosen!r} is none of {', '.join(legal)}.", param_hint=option)
    serve(host=loopback_address(), world=world, size=size, port=port, today=today, seed=seed)
