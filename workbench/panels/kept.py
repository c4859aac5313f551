"""Choices that survive a reload: a widget begins with what the address bar asks for, and writes its choice there.

Whatever is not on offer counts as not asked for; the default is left out of the address, so that it can move on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import marimo as mo

from workbench.panels.arguments import asked, remember


def kept_menu(name: str, options: Mapping[str, Any], *, label: str, **look: Any) -> mo.ui.dropdown:
    """A menu, kept as `name`.

    Args:
        options: what is read → its value; the first one is the default unless `look` has `default`.
        look: `default`, what is read of the default; `key`, a value as the address has it; the rest is the menu's.
    """
    return _kept(mo.ui.dropdown, name, options, label=label, allow_select_none=not options, **look)


def kept_radio(name: str, options: Mapping[str, Any], *, label: str, **look: Any) -> mo.ui.radio:
    """A few options side by side, kept as `name`; otherwise as `kept_menu`."""
    return _kept(mo.ui.radio, name, options, label=label, inline=True, **look)


def _kept(
    widget: Callable[..., Any],
    name: str,
    options: Mapping[str, Any],
    *,
    default: str | None = None,
    key: Callable[[Any], str] = str,
    **look: Any,
) -> Any:
    usual = next(iter(options), None) if default is None else default
    keys = {text: key(value) for text, value in options.items() if value is not None}
    shown = next((text for text, word in keys.items() if (word,) == asked(name)), usual)

    def keep(value: Any) -> None:
        now = None if value is None else key(value)
        remember(**{name: None if usual is None or now == keys.get(usual) else now})

    return widget(dict(options), value=shown, on_change=keep, **look)
