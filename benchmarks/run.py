"""Runs the benchmarks one after the other, prints their tables as they come, and last every goal with its mark.

    python benchmarks/run.py                  # the build and the page of communes: about a quarter of an hour
    python benchmarks/run.py --all            # everything, also `make bench`: about an hour
    python benchmarks/run.py store book       # these
    python benchmarks/run.py --all --runs 1   # one run each instead of the medians of three

Each is a program of its own in this folder and says at its head what it measures and how; what it lacks on this machine
(a peer, real files, a database server) it names and leaves out. Goals are those of the project's issues. A missed goal
is no failure of the program: a machine under other load gives other seconds, and the load is printed beside them.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from table import MET, MISSED

HERE = Path(__file__).resolve().parent
ALL = ("build", "workspace", "page", "households", "paper", "book", "store", "store_postgis")
SHORT = ("build", "page")


def machine() -> str:
    """Day, processors, memory, Python, browser and load, in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    try:
        told = subprocess.run(["chromium", "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        told = "no Chromium"
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    chromium = " ".join(told.split()[:2])
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors, {memory:.0f} GB, "
        f"Python {platform.python_version()}, {chromium}, load {load}"
    )


def run(name: str, runs: int | None) -> tuple[list[str], bool]:
    """The lines of one benchmark that carry a mark, and whether it ended well; all its lines are printed."""
    program = HERE / f"{name}.py"
    takes_runs = '"--runs"' in program.read_text(encoding="utf-8")
    command = [sys.executable, "-u", str(program), *(["--runs", str(runs)] if runs and takes_runs else [])]
    marked = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=HERE.parent) as child:
        for line in child.stdout or ():
            print(line, end="", flush=True)
            if line.rstrip().endswith((MET, MISSED)):
                marked.append(line.rstrip())
    return marked, child.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ALL))
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--runs", type=int, help="instead of each benchmark's own number")
    given = parser.parse_args()
    if unknown := set(given.names) - set(ALL):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(ALL)}")
    names = given.names or (ALL if given.all else SHORT)
    began = time.perf_counter()
    print(machine())
    goals, failed = {}, []
    for name in names:
        print(f"\n== {name}", flush=True)
        goals[name], well = run(name, given.runs)
        if not well:
            failed.append(name)
    marked = [line for lines in goals.values() for line in lines]
    missed = sum(line.endswith(MISSED) for line in marked)
    print(f"\n== goals: {len(marked) - missed} met, {missed} missed")
    for name, lines in goals.items():
        print("\n".join([name, *lines]) if lines else f"{name}: none")
    print(f"\n{(time.perf_counter() - began) / 60:.0f} minutes; {machine()}")
    for name in failed:
        print(f"{name} could not be run to its end", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
