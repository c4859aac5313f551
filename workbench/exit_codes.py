"""The exit codes of every command, on which scripts rely (`workbench/README.md` lists them)."""

from __future__ import annotations

DONE = 0
USAGE = 2
PARTIAL = 10
FAILED = 70
TRY_LATER = 75
SIGN_IN = 77
CONFIGURE = 78
INTERRUPTED = 130
