"""Times the way from a workspace to its map pages, as a user meets it: one command, from its start to files on disk.

    python benchmarks/workspace.py                   # about four minutes
    python benchmarks/workspace.py --runs 5 --only sample

    sample    the sample workspace with everything: 33 sources, 143,000 addresses, both epochs, all periods and layers
    million   the same with a register of 1,000,000 addresses (copies of the sample's, moved by some 30 m, with other
              numbers) as a CSV of 77 MB

`products = ["html"]` in ntmgis.toml: the status page of each date and the start page; the match report is always made.
Cold: nothing is there but the files, so each is read, checked, matched and stored first. Stored: the files are as they
were, so the pages are made from the store. Nothing here is a test: look at the load printed beside the seconds.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from build import ROOT, process
from households import load
from table import row

GOALS = {"sample": "≤ 5", "million": "≤ 15"}
REGISTER = "dia_chi_so.csv.gz"


def workspace(home: Path, addresses: int | None) -> None:
    """A copy of the sample that makes pages only, with a register of `addresses` objects (None: the sample's own)."""
    shutil.copytree(ROOT / "data", home / "data")
    told = (ROOT / "ntmgis.toml").read_text(encoding="utf-8").replace("[build]", '[build]\nproducts = ["html"]', 1)
    if addresses is not None:
        folder = home / "data" / "addresses"
        write_register(folder / REGISTER, folder / Path(REGISTER).stem, addresses)
        told = told.replace(REGISTER, Path(REGISTER).stem)
    (home / "ntmgis.toml").write_text(told, encoding="utf-8")


def write_register(source: Path, path: Path, count: int) -> None:
    """The rows of `source` again and again, up to `count`, each copy at a place and with a number of its own."""
    rng = np.random.default_rng(305)
    base = pd.read_csv(source, dtype=str, keep_default_na=False)
    id_, address, *_, lon, lat = base.columns
    made = base.iloc[np.arange(count) % len(base)].reset_index(drop=True)
    copied = np.arange(count) >= len(base)
    for name in (lon, lat):
        degrees = pd.to_numeric(made[name]) + rng.normal(0, 0.0003, count)
        text = degrees.map("{:.5f}".format)
        made[name] = made[name].where(~copied | degrees.isna(), text)
    numbers = pd.Series(rng.integers(0, 100_000, count)).map("{:05d}".format)
    made[address] = made[address].where(~copied | made[address].eq(""), made[address].str[:5] + numbers)
    made[id_] = [f"H{n:08d}" for n in range(1, count + 1)]
    made.to_csv(path, index=False)
    source.unlink()


def measure(name: str, home: Path, runs: int, *, households: bool) -> None:
    command = [sys.executable, "-m", "ntmgis.cli", "build", "-q", "-w", str(home)]
    both = [*command, "--households"]
    seconds: dict[str, list[float]] = {}
    peaks: dict[str, float] = {}

    def one(what: str, *words: str, drop: tuple[str, ...]) -> None:
        for folder in drop:
            shutil.rmtree(home / folder, ignore_errors=True)
        took, peak = process(*words)
        seconds.setdefault(what, []).append(took)
        peaks[what] = max(peaks.get(what, 0.0), peak)

    for _ in range(runs):  # in turn, so that a drift of the machine hits all alike
        one("cold", *command, drop=("maps", "store"))
        one("stored", *command, drop=("maps",))
        if households:
            one("cold, with the page of households", *both, drop=("maps", "store", "private"))
    for what, took in seconds.items():
        goal = GOALS[name] if what.startswith("cold") else ""
        row(f"{name}: {what}", statistics.median(took), "s", goal)
        row(f"{name}: {what}, best of {runs}", min(took), "s")
        row(f"{name}: {what}, most memory", peaks[what], "MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=tuple(GOALS))
    given = parser.parse_args()
    print(f"load {load()}, {given.runs} runs")
    for name, addresses in (("sample", None), ("million", 1_000_000)):
        if given.only in {None, name}:
            with tempfile.TemporaryDirectory() as folder:
                home = Path(folder) / "workspace"
                home.mkdir()
                workspace(home, addresses)
                measure(name, home, given.runs, households=addresses is not None)
    print(f"load {load()}")


if __name__ == "__main__":
    main()
