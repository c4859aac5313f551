"""Run work that would block the event loop in one worker thread: checking, compressing and writing answers.

More threads would not be faster, because Python runs one at a time, and each would hold an answer in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

Result = TypeVar("Result")

_WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answers")
"""Of the process, whichever workbench works: a second thread would not be faster (see above). It holds no state."""


async def offload(function: Callable[..., Result], *arguments: Any) -> Result:
    """The function's result, computed in the worker thread. Calls run in the order in which they are made."""
    work = partial(copy_context().run, function, *arguments)
    return await asyncio.get_running_loop().run_in_executor(_WORKER, work)
