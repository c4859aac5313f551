"""Make widgets that keep their choice in the address bar, so that it survives a reload.

A choice in the address that is not on offer is ignored; on the command line it is refused. The default is left out of
the address, so that it can move on with time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import marimo as mo

from workbench.errors import ValidationError
from workbench.pages.components import messages
from workbench.pages.components.url_params import asked, commanded, remember

_MOST_NAMED = 20


def kept_menu(name: str, options: Mapping[str, Any], *, label: str, **look: Any) -> mo.ui.dropdown:
    """A menu whose choice is kept in the address bar as `name`.

    Args:
        options: what is read → its value; the first one is the default unless `look` has `default`.
        look: `default`, what is read of the default; `key`, a value as the address has it; `picked`, such a value that
            was chosen elsewhere on the page, which goes before the address; the rest is the menu's.
    """
    return _kept(mo.ui.dropdown, name, options, label=label, allow_select_none=not options, **look)


def kept_radio(name: str, options: Mapping[str, Any], *, label: str, **look: Any) -> mo.ui.radio:
    """Options side by side whose choice is kept in the address bar as `name`; otherwise as `kept_menu`."""
    return _kept(mo.ui.radio, name, options, label=label, inline=True, **look)


def not_offered(name: str, menu: mo.ui.dropdown, what: str, key: Callable[[Any], str] = str) -> list[mo.Html]:
    """A note if the address asks for something that a `kept_menu` does not offer, so that another one is shown."""
    offered = {key(value) for value in menu.options.values() if value is not None}
    wanted = [word for word in asked(name) if word not in offered]
    if not wanted or not offered:
        return []
    said = f"{what} {wanted[0]} has no figures with these choices."
    return [messages.note(said, "The address asks for it. Another one is shown below.", kind="warn")]


def refuse_commanded(name: str, offered: Sequence[str]) -> None:
    """End the cell, or the script, if something was asked for on the command line: it is not on offer."""
    if wanted := commanded(name):
        more = "" if len(offered) <= _MOST_NAMED else " …"
        messages.stop(
            ValidationError(
                f"--{name.replace('_', '-')} {','.join(wanted)} is not on offer.",
                why="Showing another choice instead would be misleading.",
                next_step=f"On offer here: {', '.join(offered[:_MOST_NAMED]) or 'nothing'}{more}.",
            )
        )


def _kept(
    widget: Callable[..., Any],
    name: str,
    options: Mapping[str, Any],
    *,
    default: str | None = None,
    key: Callable[[Any], str] = str,
    picked: Any = None,
    **look: Any,
) -> Any:
    usual = next(iter(options), None) if default is None else default
    keys = {text: key(value) for text, value in options.items() if value is not None}
    wanted = asked(name) if picked is None else (str(picked),)
    found = next((text for text, word in keys.items() if (word,) == wanted), None)
    if found is None:
        refuse_commanded(name, list(keys.values()))
    shown = usual if found is None else found

    def keep(value: Any) -> None:
        now = None if value is None else key(value)
        remember(**{name: None if usual is None or now == keys.get(usual) else now})

    if picked is not None and found is not None:
        keep(options[found])
    return widget(dict(options), value=shown, on_change=keep, **look)
