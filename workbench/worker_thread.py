"""One worker thread for what would hold up the event loop: judging, compressing and writing answers.

More threads would not be faster, as Python lets one of them run at a time, but each would hold an answer in memory.
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


async def offload(function: Callable[..., Result], *arguments: Any) -> Result:
    """The function's result, computed in the worker thread, in the order of asking."""
    work = partial(copy_context().run, function, *arguments)
    return await asyncio.get_running_loop().run_in_executor(_WORKER, work)
