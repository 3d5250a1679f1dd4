"""Times the map sheets on the sample province and prints a table: seconds, size of the file, peak memory.

    python benchmarks/paper.py            # about two minutes
    python benchmarks/paper.py --runs 5

Every job is a process of its own; "start" is what Python and the libraries take before anything is drawn, "draw" what
`write_sheet` takes once figures are there; peak memory is what Linux says of the process alone. Peers are measured
elsewhere: QGIS 3.22, the same layers on A3, 4.9 s after 1 s of start, 13 MB. Seconds depend on what else the machine
does: look at them beside each other.
"""

import argparse
import json
import pickle
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from ntmgis.take_in import open_snapshot

ROOT = Path(__file__).resolve().parents[1]

JOB = """
import json, pickle, re, sys, time
began = time.perf_counter()
from pathlib import Path
from ntmgis.show.paper import (
    Book, Canvas, Rect, SheetMaker, draw_fitted_map, paint, scope_of, template_for, write_sheet
)
snapshot, facts = pickle.loads(Path(sys.argv[1]).read_bytes())
start = time.perf_counter() - began
job, out = json.loads(sys.argv[2]), Path(sys.argv[3])
began = time.perf_counter()
if job.pop("book", False):
    maker, book = SheetMaker(snapshot, facts), Book()
    for code in snapshot.communes["code"]:
        canvas, scope = Canvas(210, 297), scope_of(maker.ground, snapshot, code)
        (painting,) = paint(snapshot, facts, scope, "status")
        draw_fitted_map(canvas, Rect(15, 120, 180, 150), maker.ground, scope, painting, template=template_for("A4"))
        book.add(canvas.page, name=code, title=scope.name)
    out.write_bytes(book.pdf({}))
else:
    kind = job.pop("kind", "pdf")
    write_sheet(snapshot, facts, **{kind: out}, **job)
draw = time.perf_counter() - began
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps([start, draw, out.stat().st_size / 1e6, peak]))
"""

JOBS: dict[str, dict[str, object]] = {
    "A3 province, status": {},
    "A3 province, every village named where it fits": {"villages": True},
    "A3 province, black and white": {"bw": True},
    "A3 province, map of works": {"theme": "infrastructure"},
    "A3 criteria, small maps": {"theme": "criteria"},
    "A3 district": {"of": "616"},
    "A3 province, SVG": {"kind": "svg"},
    "A3 province, PNG 300 dpi": {"kind": "png", "dpi": 300},
    "A0 province, PDF": {"size": "A0"},
    "A0 province on A3 sheets": {"size": "A0", "tiles": "A3"},
    "A0 province, PNG 300 dpi": {"kind": "png", "size": "A0", "dpi": 300},
    "102 A4 pages with a map each, one PDF": {"book": True},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        figures, out = Path(folder) / "figures", Path(folder) / "out"
        figures.write_bytes(pickle.dumps(open_snapshot(ROOT)))
        print(f"{'':48} {'start s':>8} {'draw s':>8} {'MB':>7} {'peak MB':>8}")
        for name, job in JOBS.items():
            told = []
            for _ in range(runs):
                command = [sys.executable, "-c", JOB, str(figures), json.dumps(job), str(out)]
                done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
                told.append(json.loads(done.stdout))
            start, draw, size, peak = (statistics.median(column) for column in zip(*told, strict=True))
            print(f"{name:48} {start:8.2f} {draw:8.2f} {size:7.2f} {peak:8.0f}")


if __name__ == "__main__":
    main()
