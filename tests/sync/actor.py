"""Plays `workbench` in a process of its own, and lets it suffer what its first argument (JSON) says.

shift       seconds between this machine's clock and the one the workbench is to believe
constants   {"module:name": value}: constants of the package, made smaller
largest     bytes that a file of this process may hold: what goes beyond fails, as on a disk that is full
at          "module:function" (a class's method as "module:Class.method")
nth         at which of its calls, counted from 1
when        "before" or "after" the call
do          "kill" (SIGKILL), "stop" (SIGSTOP), or the name of a signal to send to itself
"""

from __future__ import annotations

import importlib
import itertools
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

import stamina

SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


def main(play: dict[str, Any], arguments: list[str]) -> None:
    import workbench.linkedin.auth.token_provider  # noqa: F401  (tokens live by the sandbox's wall clock, unshifted)
    from workbench import clock

    shift = timedelta(seconds=play.get("shift", 0))
    clock.utc_now = lambda: datetime.now(UTC) + shift
    for name, value in play.get("constants", {}).items():
        holder, attribute = found(name)
        setattr(holder, attribute, timedelta(seconds=value) if attribute == "SILENCE" else value)
    if "largest" in play:
        resource.setrlimit(resource.RLIMIT_FSIZE, (play["largest"], play["largest"]))
    if "at" in play:
        interrupt(play["at"], play.get("nth", 1), play.get("when", "before"), SIGNALS.get(play["do"], play["do"]))
    stamina.set_testing(True, attempts=100, cap=True)
    from workbench.cli.app import main as command

    command(arguments)


def interrupt(name: str, nth: int, when: str, number: int | str) -> None:
    """Wrap a function so that its `nth` call is struck."""
    number = getattr(signal, number) if isinstance(number, str) else number
    holder, attribute = found(name)
    plain = getattr(holder, attribute)
    calls = itertools.count(1)  # two threads may be in it at once

    def strike(call: int, moment: str) -> None:
        if moment == when and call == nth:
            os.kill(os.getpid(), number)

    @wraps(plain)
    def struck(*args: Any, **kwargs: Any) -> Any:
        call = next(calls)
        strike(call, "before")
        answer = plain(*args, **kwargs)
        strike(call, "after")
        return answer

    place(holder, attribute, plain, struck)


def place(holder: Any, attribute: str, plain: Callable[..., Any], struck: Callable[..., Any]) -> None:
    """Put the wrapped function wherever the package has imported the plain one."""
    is_static = isinstance(holder, type) and isinstance(holder.__dict__[attribute], staticmethod)
    setattr(holder, attribute, staticmethod(struck) if is_static else struck)
    for module in [module for name, module in sys.modules.items() if name.startswith("workbench")]:
        for known, value in list(vars(module).items()):
            if value is plain:
                setattr(module, known, struck)


def found(name: str) -> tuple[Any, str]:
    module, _, path = name.partition(":")
    holder: Any = importlib.import_module(f"workbench.{module}")
    importlib.import_module("workbench.pipeline.api")
    *parents, attribute = path.split(".")
    for parent in parents:
        holder = getattr(holder, parent)
    return holder, attribute


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
