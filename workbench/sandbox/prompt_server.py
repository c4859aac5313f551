"""A uvicorn on a thread that ends at once; uvicorn itself takes a fifth of a second."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import uvicorn


class PromptServer(uvicorn.Server):
    """Ends as soon as `end` is called, unless an answer is under way: that is waited for as uvicorn does."""

    _loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """Let the server end; call it from another thread, then join the server's."""
        self.should_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._told.set)

    async def main_loop(self) -> None:
        self._told = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if not self.server_state.tasks:
            for listener in (*self.servers, *(sockets or ())):
                listener.close()
            for connection in list(self.server_state.connections):
                connection.shutdown()
            for _ in range(3):  # a closed connection takes a turn of the loop to be gone
                await asyncio.sleep(0)
            if not self.server_state.connections:
                await self.lifespan.shutdown()
                return
        await super().shutdown(sockets)
