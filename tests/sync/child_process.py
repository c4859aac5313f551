"""Runs `workbench` in a child process, and interrupts it as its first argument (JSON) says.

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


def main(orders: dict[str, Any], arguments: list[str]) -> None:
    import workbench.linkedin.auth.token_provider  # noqa: F401  (tokens live by the sandbox's wall clock, unshifted)
    from workbench import clock

    shift = timedelta(seconds=orders.get("shift", 0))
    clock.utc_now = lambda: datetime.now(UTC) + shift
    for name, value in orders.get("constants", {}).items():
        holder, attribute = found(name)
        setattr(holder, attribute, timedelta(seconds=value) if attribute == "SILENCE" else value)
    if "largest" in orders:
        resource.setrlimit(resource.RLIMIT_FSIZE, (orders["largest"], orders["largest"]))
    if "at" in orders:
        interrupt(
            orders["at"],
            orders.get("nth", 1),
            orders.get("when", "before"),
            SIGNALS.get(orders["do"], orders["do"]),
        )
    stamina.set_testing(True, attempts=100, cap=True)
    os.fsync = lambda descriptor: None  # as in `conftest.py`
    from workbench.cli.app import main as command

    command(arguments)


def interrupt(name: str, nth: int, when: str, number: int | str) -> None:
    """Wrap a function so that its `nth` call is interrupted."""
    number = getattr(signal, number) if isinstance(number, str) else number
    holder, attribute = found(name)
    plain = getattr(holder, attribute)
    calls = itertools.count(1)  # two threads may be in it at once

    def interrupt_at(call: int, moment: str) -> None:
        if moment == when and call == nth:
            os.kill(os.getpid(), number)

    @wraps(plain)
    def interrupted(*args: Any, **kwargs: Any) -> Any:
        call = next(calls)
        interrupt_at(call, "before")
        answer = plain(*args, **kwargs)
        interrupt_at(call, "after")
        return answer

    place(holder, attribute, plain, interrupted)


def place(holder: Any, attribute: str, plain: Callable[..., Any], interrupted: Callable[..., Any]) -> None:
    """Put the wrapped function wherever the package has imported the plain one."""
    is_static = isinstance(holder, type) and isinstance(holder.__dict__[attribute], staticmethod)
    setattr(holder, attribute, staticmethod(interrupted) if is_static else interrupted)
    for module in [module for name, module in sys.modules.items() if name.startswith("workbench")]:
        for known, value in list(vars(module).items()):
            if value is plain:
                setattr(module, known, interrupted)


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
