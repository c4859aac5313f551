"""marimo's editor behind the guard, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from guarded_servers import CHECKOUT

# What `workbench open --edit` does, with another folder.
EDIT = "import sys, pathlib; from workbench.web.editor import edit; edit(pathlib.Path(sys.argv[1]), browser=False)"


class Editor:
    """A running editor over a folder of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process, self.address = process, process.stdout.readline().removeprefix("Open ").strip()
        assert self.address, "the editor did not start"
        self.base = self.address.partition("/?")[0]
        self.origin = self.base.rpartition("/")[0]

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.base, timeout=120, headers={"accept": "text/html"})


@contextmanager
def editing(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A process of Python, with no user at its keyboard."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
