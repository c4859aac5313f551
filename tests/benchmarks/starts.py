"""How long a command takes to say anything: `python tests/benchmarks/starts.py [--runs 7]`.

Beside `import httpx`, which any client of LinkedIn has to do. The shortest of several runs, in turns.
"""

from __future__ import annotations

import argparse
import sys

from measured_installation import linkedin, measured, measured_installation, show, workbench

HTTPX = [sys.executable, "-c", "import httpx"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with measured_installation() as at, linkedin("small") as vendor:
        synced = at.installation(vendor)
        nothing = {"WORKBENCH_HOME": str(at.folder / "nothing"), "SNAPSHOT_DIR": str(at.folder / "none")}
        measured(workbench("sync"), synced, at.folder)
        commands = {
            "python -c 'import httpx'": (HTTPX, {}),
            "workbench --help": (workbench("--help"), {}),
            "workbench status, nothing there yet": (workbench("status"), nothing),
            "workbench status, small data": (workbench("status"), synced),
        }
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, (command, environment) in commands.items():
                run = measured(command, environment, at.folder)
                times[name].append((run.wall, run.cpu))
        best = {name: tuple(map(min, zip(*seen, strict=True))) for name, seen in times.items()}
        yardstick = best["python -c 'import httpx'"]
        show(
            f"Starting, the shortest of {runs}",
            ("", "wall s", "CPU s", "wall ratio", "CPU ratio"),
            [(name, wall, cpu, wall / yardstick[0], cpu / yardstick[1]) for name, (wall, cpu) in best.items()],
        )


if __name__ == "__main__":
    main()
