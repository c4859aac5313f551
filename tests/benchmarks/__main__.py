"""Every benchmark, one after the other: `python tests/benchmarks [syncs] [loads] [offline] [starts] …`.

Half an hour on two cores that do nothing else; with other work beside it only the ratios are worth reading.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ALL = ("syncs", "loads", "offline", "starts", "filters", "serving", "covered")


def main() -> int:
    names = sys.argv[1:] or ALL
    if strangers := set(names) - set(ALL):
        sys.exit(f"No such benchmark: {', '.join(sorted(strangers))}. There are {', '.join(ALL)}.")
    here = Path(__file__).parent
    return max(subprocess.run([sys.executable, str(here / f"{name}.py")], check=False).returncode for name in names)


if __name__ == "__main__":
    sys.exit(main())
