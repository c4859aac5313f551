"""A person at a terminal: `workbench` in a child process whose stdin, stdout and stderr are a pseudo-terminal."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

SECONDS = 60


class Terminal:
    """What is shown so far, and where a person types."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self.shown = ""
        self._descriptor = descriptor
        self._read_up_to = 0

    def answer(self, question: str, *lines: str) -> None:
        """Wait until the question is shown, then type each line."""
        self.wait_for(question)
        for line in lines:
            self.press(f"{line}\n")

    def press(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    def wait_for(self, text: str) -> str:
        """What was shown since the last wait, up to and with `text`."""
        ends = time.monotonic() + SECONDS
        while text not in self.shown[self._read_up_to :]:
            if time.monotonic() > ends or not self._read():
                raise AssertionError(f"{text!r} was not shown; this was:\n{self.shown}")
        start = self._read_up_to
        self._read_up_to = self.shown.index(text, start) + len(text)
        return self.shown[start : self._read_up_to]

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            pass
        return self.process.wait(SECONDS)

    def _read(self) -> bool:
        """Whether there was more to read."""
        if not select.select([self._descriptor], [], [], SECONDS)[0]:
            return False
        with contextlib.suppress(OSError):  # Linux's way to say that the other end is closed
            text = os.read(self._descriptor, 65_536).decode("utf-8", "replace")
            self.shown += text.replace("\r\n", "\n")
            return bool(text)
        return False


@contextlib.contextmanager
def terminal(*words: str, environment: dict[str, str], folder: Path) -> Iterator[Terminal]:
    """`workbench` with these words at a terminal of its own."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-W", "error", __file__, *words]
    process = subprocess.Popen(
        command, env=environment, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


if __name__ == "__main__":
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # secrets are read from the terminal itself, past stdin
    from workbench.cli.app import main

    main(sys.argv[1:])
